export { type YWebSocketOptions, yWebSocket } from './y-websocket.js';
