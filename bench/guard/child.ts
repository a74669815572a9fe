import { guard } from './measure.js';

console.log(JSON.stringify(await guard()));
process.exit(0);
