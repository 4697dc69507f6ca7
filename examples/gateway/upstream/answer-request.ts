/** Answers a request of a known account as its script has it. */
import type { ServerResponse } from 'node:http';
import { type Asked, VOICES, WORDS } from './answers.js';
import { type Answer, capturedAnswer } from './captured-answer.js';
import type { Request } from './read-asked.js';
import type { Scenario, Step } from './scenarios.js';
import { nextStep, type Script, usedFraction } from './scripted-account.js';
import { writeStream, writeWhole } from './write-answer.js';

/** What became of a request. */
export type Outcome = 'answered' | 'refused' | 'broken' | 'aborted';

/** What answering needs to know. */
export interface AnswerContext {
  readonly request: Request;
  readonly asked: Asked;
  readonly response: ServerResponse;
  readonly script: Script;
  readonly now: number;
  readonly pauseMs: number;
  readonly requestNumber: number;
  readonly revokeToken: () => void;
}

const BAD_TOKEN: Readonly<Record<Scenario['platform'], string | null>> = {
  anthropic: 'anthropic-401-invalid-bearer-token',
  openai: 'codex-401-token-invalidated',
  gemini: null,
  antigravity: null,
};
const GOOGLE_UNAUTHENTICATED: Answer = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    error: { code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' },
  }),
};
const FRAMES_BEFORE_THE_BREAK = 6;

/** What the platform says to a token that it does not take. */
export function refuseToken(platform: Scenario['platform'], now: number): Answer {
  const capture = BAD_TOKEN[platform];
  return capture === null ? GOOGLE_UNAUTHENTICATED : capturedAnswer(capture, { now, resetInMs: 0 });
}

/** The quota headers of a healthy answer, and the request's id. */
function healthyHeaders({ script, now, requestNumber }: AnswerContext): Record<string, string> {
  const { platform, type } = script.scenario;
  const plain = { 'content-type': 'application/json', 'request-id': `req_${requestNumber}` };
  const resetInMs = script.windowEnd - now;
  const used = usedFraction(script);
  if (platform === 'anthropic' && type !== 'api_key') {
    const { headers } = capturedAnswer('anthropic-200-unified-allowed-overage-rejected', { now, resetInMs });
    return { ...headers, ...plain, 'anthropic-ratelimit-unified-5h-utilization': used.toFixed(4) };
  }
  if (platform === 'openai' && type === 'oauth') {
    const { headers } = capturedAnswer('codex-200-headers-plus-2-53', { now, resetInMs });
    return { ...headers, ...plain, 'x-codex-primary-used-percent': (used * 100).toFixed(1) };
  }
  return plain;
}

function refuse(context: AnswerContext, step: Extract<Step, { type: 'refuse' }>): Outcome {
  const { capture, resetInMs = 60_000, replace, ...rest } = step;
  const answer = capturedAnswer(capture, { now: context.now, resetInMs, ...(rest.bodyOf === undefined ? {} : { bodyOf: rest.bodyOf }) });
  writeWhole(context.response, replace === undefined ? answer : { ...answer, body: answer.body.replaceAll(...replace) });
  return 'refused';
}

async function stream(context: AnswerContext, step: Step): Promise<Outcome> {
  const { request, asked, response, pauseMs, requestNumber } = context;
  const voice = VOICES[asked];
  const all = voice.frames({ id: String(requestNumber), model: request.model, words: WORDS });
  const broken = step.type === 'break_stream' ? step.how : null;
  const begun = broken === null ? all : all.slice(0, FRAMES_BEFORE_THE_BREAK);
  const frames = broken === 'error_event' ? [...begun, voice.overload] : begun;
  const stayed = await writeStream(response, {
    headers: healthyHeaders(context),
    frames,
    pauseMs,
    end: broken === 'reset' ? 'reset' : 'close',
  });
  if (!stayed) return 'aborted';
  return broken === null ? 'answered' : 'broken';
}

function answerWhole(context: AnswerContext, step: Step): Outcome {
  const { request, asked, response, requestNumber } = context;
  if (step.type === 'break_stream') {
    // Not a stream: the connection breaks before the answer.
    response.socket?.resetAndDestroy();
    return 'broken';
  }
  const body = JSON.stringify(VOICES[asked].plain({ id: String(requestNumber), model: request.model, words: WORDS }));
  writeWhole(response, { status: 200, headers: healthyHeaders(context), body });
  return 'answered';
}

/** Answers the request, and tells what became of it. Never rejects. */
export async function answerRequest(context: AnswerContext): Promise<Outcome> {
  const { script, request, now } = context;
  const step = nextStep(script, request);
  if (step.type === 'refuse') return refuse(context, step);
  if (step.type === 'revoke_token') {
    context.revokeToken();
    writeWhole(context.response, refuseToken(script.scenario.platform, now));
    return 'refused';
  }
  script.answered += 1;
  return request.streams ? stream(context, step) : answerWhole(context, step);
}
