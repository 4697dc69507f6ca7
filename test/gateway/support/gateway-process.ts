/** The gateway as `npm start` runs it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = resolve(import.meta.dirname, '../../../examples/gateway/main.ts');
const START_MS = 60_000;

/** A process that runs, or has run. */
export interface GatewayProcess {
  /** Where it listens. */
  readonly url: string;
  readonly adminToken: string | null;
  readonly startedInMs: number;
  /** All that it has written, both streams. */
  readonly output: () => string;
  /** Resolves with its code, or its signal. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | string>;
  /** The end, and nothing left of its folder. */
  dispose(): Promise<void>;
}

function launch(
  environment: Readonly<Record<string, string>>,
  given: readonly string[] = [],
): { child: ChildProcess; output: () => string } {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...given], { env: { PATH, HOME, TZ: 'UTC', ...environment } });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  return { child, output: () => text };
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function over(child: ChildProcess): Promise<number | string> {
  if (!isOver(child)) await once(child, 'close');
  return child.exitCode ?? child.signalCode ?? '';
}

/** Runs a gateway that is expected to end by itself: what it says, and its code. */
export async function runToEnd(
  environment: Readonly<Record<string, string>>,
  given: readonly string[] = [],
): Promise<{ code: number | string; output: string }> {
  const { child, output } = launch(environment, given);
  const code = await over(child);
  return { code, output: output() };
}

/** Starts a gateway on a free port, in a data folder of its own, and waits until it listens. */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gateway-process-'));
  const begun = performance.now();
  const { child, output } = launch({ PORT: '0', DATA_DIR: dataDir, ...environment });
  const page = /Its page: (http:\/\/\S+)\//;
  while (!page.test(output())) {
    if (isOver(child) || performance.now() - begun > START_MS) {
      child.kill('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
      throw new Error(`the gateway does not start:\n${output()}`);
    }
    await sleep(20);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | string> => {
    child.kill(signal);
    return over(child);
  };
  return {
    url: page.exec(output())?.[1] ?? '',
    adminToken: /shown this once: (\S+)/.exec(output())?.[1] ?? null,
    startedInMs: performance.now() - begun,
    output,
    end,
    async dispose() {
      if (!isOver(child)) await end('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
