export { type WebhookOptions, webhook } from './webhook.js';
