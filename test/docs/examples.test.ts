import { readmes } from './pages.js';
import { runBlocks } from './run-blocks.js';

runBlocks(readmes);
