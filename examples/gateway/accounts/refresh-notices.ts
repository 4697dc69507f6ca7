/** What refreshing tells, as events of the gateway. */
import type { EpochMs } from 'poolwarden';
import type { ProgressListener, RefreshReport } from 'poolwarden/refresh';
import type { NoticeEvent, Observer } from '../telemetry/observer.js';

type Notice = Pick<NoticeEvent, 'level' | 'code' | 'detail'>;

/** Reports of single refreshes. They carry no secret. */
export function reportRefresh(observe: Observer, now: () => EpochMs): (report: RefreshReport) => void {
  return ({ level, code, accountId, revision, detail }) =>
    observe({ type: 'notice', at: now(), level, code, detail: `account ${accountId}, revision ${revision}: ${detail}` });
}

function noticeOf(progress: Parameters<ProgressListener>[0]): Notice | null {
  switch (progress.type) {
    case 'platform_trouble':
      return { level: 'error', code: 'refresh_platform_trouble', detail: `${progress.platform}: ${progress.kind}, ${progress.code}` };
    case 'accounts_unavailable':
      return { level: 'warn', code: 'refresh_accounts_unavailable', detail: 'the accounts could not be read' };
    default:
      // Single accounts are in the reports.
      return null;
  }
}

/** What the background refresher tells of whole platforms. */
export function reportProgress(observe: Observer, now: () => EpochMs): ProgressListener {
  return (progress) => {
    const notice = noticeOf(progress);
    if (notice !== null) observe({ type: 'notice', at: now(), ...notice });
  };
}
