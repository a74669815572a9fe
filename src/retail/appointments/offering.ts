import type { WaitOptions } from '../../ledger/live.js';
import { no, type Outcome, withValue } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop } from '../shop/shop.js';
import type { MaybeKeyed, Writing } from '../shop/writing.js';
import { cellsOf } from './booking.js';
import { fetchCells, fetchMs, freeOf, poolsOf } from './cells.js';
import type { SlotsOffered, SlotsWithdrawn } from './documents.js';
import { doubleOfferOf } from './exceptions.js';
import type { Plan } from './plan.js';
import { checkSlot, isoOf, type Slot, type TimeCell } from './slots.js';

/** Cells that one commit offers. */
const offeredMost = 100;

/** When whom can be booked: times that are offered, taken back, and brought to a till. See `Appointments`. */
export class Offering {
	readonly #shop: Shop;
	readonly #plan: Plan;

	constructor(shop: Shop, plan: Plan) {
		this.#shop = shop;
		this.#plan = plan;
	}

	async offer(slot: Slot, options: MaybeKeyed): Promise<Outcome<{ readonly cells: number }>> {
		checkSlot('slot', slot);
		const { slot: pool } = this.#pools;
		const cells = this.#plan.grid.within(slot);
		const held = this.#plan.holding(this.#desk, cells).flatMap(({ slots }) => this.#plan.grid.touched(slots));
		const booked = new Set(held.map(({ key }) => key));
		const isNew = (cell: TimeCell) => freeOf(pool, cell) === 0 && pool.mine(cell.key) === 0 && !booked.has(cell.key);
		const fresh = cells.filter(isNew);
		for (let i = 0; ; i += offeredMost) {
			const chunk = fresh.slice(i, i + offeredMost);
			const { idempotencyKey: key } = options;
			const keyed = key === undefined || i === 0 ? options : { ...options, idempotencyKey: `${key}/${i}` };
			const input = { ...slot, part: i / offeredMost };
			const done = await this.#shop.write('appointment.offer', input, keyed, (w) => this.#offer(w, slot, chunk));
			if (!done.ok || i + offeredMost >= fresh.length) return withValue(done, () => ({ cells: fresh.length }));
		}
	}

	#offer(w: Writing, { resource, from }: Slot, fresh: readonly TimeCell[]): void {
		const id = `${resource}:${this.#shop.days.of(Date.parse(from))}`;
		const { slot: pool } = this.#pools;
		// Once a cell and device, until it is taken back; then it is another offer.
		for (const { key } of fresh) w.tx.mint(pool, key, 1, `offer:${pool.now(key).minted}`);
		rights.mint(w, this.#shop, this.#desk, doubleOfferOf(id, this.#shop.device));
		const stretches = this.#plan.grid.stretches(resource, fresh);
		w.append<SlotsOffered>(this.#desk, 'offer', id, { ...w.head, verb: 'appointment.offer', stretches });
	}

	async withdraw(slot: Slot, options: MaybeKeyed & WaitOptions): Promise<Outcome<{ readonly cells: number }>> {
		checkSlot('slot', slot);
		const { timeoutMs = fetchMs, signal, ...write } = options;
		const cells = cellsOf(this.#plan.grid, 'slot', [slot]);
		const { slot: pool } = this.#pools;
		if (this.#plan.holding(this.#desk, cells).length === 0)
			await fetchCells(pool, cells, { timeoutMs, ...(signal && { signal }) }, Number.MAX_SAFE_INTEGER);
		return this.#shop.write('appointment.withdraw', slot, write, (w) => this.#withdraw(w, slot, cells));
	}

	#withdraw(w: Writing, { resource, from }: Slot, cells: readonly TimeCell[]): { readonly cells: number } {
		const { slot: pool } = this.#pools;
		const held = this.#plan.holding(this.#desk, cells);
		if (held.length > 0) w.tx.refuse(no('slot_booked', held.map(({ id }) => id).join(', ')));
		const open = cells.filter((cell) => freeOf(pool, cell) > 0);
		if (open.length === 0) w.tx.refuse(no('slot_closed', `${resource} ${from}`));
		for (const cell of open) {
			const units = freeOf(pool, cell);
			if (pool.mine(cell.key) < units) w.tx.refuse(no('slot_not_here', `${resource} ${isoOf(cell.fromMs)}`));
			w.tx.spend(pool, cell.key, units);
		}
		for (const [id, of] of this.#plan.offeredAs(this.#desk, resource, open)) {
			const stretches = this.#plan.grid.stretches(resource, of);
			w.append<SlotsWithdrawn>(this.#desk, 'offer', id, { ...w.head, verb: 'appointment.withdraw', stretches });
		}
		return { cells: open.length };
	}

	async bring(slot: Slot, wait: WaitOptions): Promise<number> {
		checkSlot('slot', slot);
		const { slot: pool } = this.#pools;
		const cells = this.#plan.grid.touched([slot]);
		await fetchCells(pool, cells, { timeoutMs: fetchMs, ...wait });
		return cells.filter(({ key }) => pool.mine(key) > 0).length;
	}

	get #desk() {
		return this.#shop.desk.name;
	}

	get #pools() {
		return poolsOf(this.#shop, this.#desk);
	}
}
