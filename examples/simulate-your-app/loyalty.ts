/** The loyalty card of a tea shop: every drink is a stamp, five stamps are a free drink. */
export interface Loyalty {
	/** A drink was paid; the receipt's number stands for it, so that a repetition gives no second stamp. */
	buy(member: string, drinks: number, receipt: string): Promise<void>;
	/** Takes five stamps; true where the customer gets a drink for them. */
	redeem(member: string): Promise<boolean>;
	/** What the screen shows. */
	stamps(member: string): number;
}

export const stampsPerDrink = 5;
export const ledgerName = 'members/cards';
