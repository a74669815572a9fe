/** Our own mistake: an invariant does not hold. `rule` is its id in the design (`JRN3`, `ESC1` ...). */
export class Bug extends Error {
	readonly rule: string;
	constructor(rule: string, what: string) {
		super(`${rule} does not hold: ${what}. Please report this bug in tillmesh.`);
		this.name = 'Bug';
		this.rule = rule;
	}
}

/** States what must hold and which rule says so. */
export function assert(holds: boolean, rule: string, what: string): asserts holds {
	if (!holds) throw new Bug(rule, what);
}
