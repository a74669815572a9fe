export { type TabsOptions, tabs } from './tabs.js';
