export type { WebSocketClass } from './socket.js';
export { type WebSocketLink, type WebSocketOptions, webSocket } from './websocket.js';
