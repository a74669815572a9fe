export type { IceServer, PeerConnectionClass } from './driver.js';
export { type WebRtcOptions, type WebRtcSource, webRtc } from './web-rtc.js';
