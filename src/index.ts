export type { Time } from './base/clock.js';
export {
	AlreadyOpen,
	BadArgument,
	Closed,
	type FailureCode,
	failures,
	KeyReused,
	LimitError,
	NotReachedYet,
	type RefusalCode,
	refusals,
	StorageError,
	TillmeshError,
} from './base/errors.js';
export type { CommitId, DeviceId, HoldId, LedgerName, StoreId } from './base/ids.js';
export { limits } from './base/limits.js';
export type { RestsAt } from './escrow/redistribution.js';
export type { Exception } from './escrow/share.js';
export type { Family, FamilyListener } from './ledger/books.js';
export type { Json, Schema } from './ledger/collections.js';
export type { CommitOptions } from './ledger/commit.js';
export type { Counter, Ledger, Pool, PoolOptions, PoolPolicy, PoolTotal } from './ledger/ledger.js';
export type { Live, WaitOptions } from './ledger/live.js';
export type { Ack, Done, Holder, Outcome, Refused, Short, Tier } from './ledger/outcome.js';
export type { SpendOptions, Tx } from './ledger/tx.js';
export type { Cell, Cells, Log, Logs, Stamped } from './ledger/written.js';
export type { Alongside } from './ports/index.js';
export type { Change, Changes, ChangesOptions, Cursor } from './replica/changes.js';
export type { Loss } from './replica/lines.js';
export { openReplica } from './replica/open.js';
export type { EnrolRequest, OpenOptions, TrustOptions } from './replica/options.js';
export type { Farewell, Replica, ShutdownOptions } from './replica/replica.js';
export type { Finding, Health, LedgerStatus, Status, StatusCredential } from './replica/status.js';
export type { Sync, SyncPeer, SyncStatus, Waiting } from './replica/sync.js';
export type { Alert } from './retail/alerts/alert.js';
export type { Appointment } from './retail/appointments/appointment.js';
export type { Slot } from './retail/appointments/slots.js';
export type { PromotionRule } from './retail/catalog/promotions.js';
export type { Sale } from './retail/checkout/checkout.js';
export type { CheckoutInput } from './retail/checkout/input.js';
export type { Quote, QuoteInput } from './retail/checkout/quote.js';
export type { Refund, RefundInput } from './retail/checkout/refund.js';
export type { ZReport } from './retail/day/documents.js';
export type { Report } from './retail/day/report.js';
export type { StockLine } from './retail/documents/goods.js';
export type { AccountName, OnAccount } from './retail/documents/money.js';
export type { NewLine, Purse, Tax, Tender } from './retail/documents/order.js';
export type { SkuDef } from './retail/documents/sku.js';
export { defineModule, type EntryDef, type ModuleDef } from './retail/extension/define.js';
export type { ModuleEntry, ModuleWriteOptions, VendorModule } from './retail/extension/module.js';
export type { Account } from './retail/members/accounts.js';
export type { PersonalStore } from './retail/members/personal-store.js';
export type { FoundOrder } from './retail/orders/order-book.js';
export type { OrderState } from './retail/orders/order-state.js';
export type { Charge, PaymentDriver } from './retail/payments/driver.js';
export type { Currency, Fixed } from './retail/shop/money.js';
export type { ApprovalAsk, Declined, Outcome as ShopOutcome, Warning, Written } from './retail/shop/outcome.js';
export type { RetailRefusal } from './retail/shop/refusals.js';
export type { MaybeKeyed, WriteOptions } from './retail/shop/writing.js';
export type { StockLevel } from './retail/stock/level.js';
export type { Task } from './retail/tasks/tasks.js';
export type { MoneyQuery, MoneyRow } from './retail/totals/money.js';
export type { TotalRow, TotalsQuery } from './retail/totals/totals.js';
export type { Transfer } from './retail/transfers/transfer.js';
export { openTill, type Till, type TillOptions, type TillSettings, tillOn } from './till.js';
export type { Grant } from './trust/grant.js';
