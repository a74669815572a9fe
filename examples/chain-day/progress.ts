import type { Language } from './args.js';
import type { ChainInput } from './input.js';

/** Where the demo is: one line that changes on a terminal, a line now and then elsewhere. */
export interface Progress {
	at(day: string, minute: number, tickets: number): void;
	end(): void;
}

const redrawMs = 100;
const lineEveryMs = 5000;

export function createProgress(input: ChainInput, language: Language, out: NodeJS.WriteStream): Progress {
	let ticketsBefore = 0;
	let day = '';
	let ticketsToday = 0;
	let drawnMs = Number.NEGATIVE_INFINITY;
	return {
		at(now, minute, tickets) {
			if (now !== day) {
				ticketsBefore += ticketsToday;
				day = now;
			}
			ticketsToday = tickets;
			const nowMs = performance.now();
			if (nowMs - drawnMs < (out.isTTY ? redrawMs : lineEveryMs)) return;
			drawnMs = nowMs;
			const sold = ticketsBefore + tickets;
			const percent = Math.floor((100 * sold) / Math.max(1, input.tickets.length));
			const line = `${day} ${clock(minute)}  ${sold} ${language === 'zh' ? '笔' : 'tickets'}  ${percent} %`;
			out.write(out.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
		},
		end() {
			if (out.isTTY) out.write('\r\x1b[2K');
		},
	};
}

const clock = (minute: number) =>
	`${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
