// The ledger of `glasshouse demo`, left running on a free port.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The program to try: what was built last, unless `GLASSHOUSE` names another. */
const PROGRAM = process.env.GLASSHOUSE ?? new URL('../../target/debug/glasshouse', import.meta.url).pathname;

/** Starts it; gives its address and how to end it. */
export async function startDemo() {
  const demo = spawn(PROGRAM, ['demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => { demo.on('exit', resolve); });
  let address;
  for await (const line of createInterface({ input: demo.stdout })) {
    address = line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? address;
    if (line.includes('The ledger stays up')) break;
  }
  if (!address) throw new Error('the demonstration ended before its ledger was up');
  demo.stdout.resume();
  return { address, stop: () => { demo.kill('SIGINT'); return ended; } };
}
