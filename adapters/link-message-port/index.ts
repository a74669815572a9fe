export {
	type AnyPort,
	type EmitterPort,
	type EventPort,
	type MessagePortOptions,
	messagePort,
} from './message-port.js';
