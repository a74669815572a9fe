import { guide } from './pages.js';
import { runBlocks } from './run-blocks.js';

runBlocks(guide);
