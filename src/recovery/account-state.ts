import type { UserRow } from '../users/index.ts'

type Standing = Pick<UserRow, 'status' | 'status_reason'>

/** Reason of the lock that a report sets, and the only one that a `secure` link opens. */
export const reportedByOwner = 'reported_by_owner'

/** Reason of the status of an account that its owner closed. */
export const closedByOwner = 'closed_by_owner'

/** Closed accounts and addresses that never proved themselves have nothing to recover. */
export function mayRecover({ status }: Standing): boolean {
  return status === 'active' || status === 'locked'
}

/** Whether the account is locked by a report, or was, the lock having opened by itself. */
export function isReported({ status, status_reason }: Standing): boolean {
  return status === 'locked' && status_reason === reportedByOwner
}

/** Whether its owner closed the account, or somebody who knew the owner's password. */
export function isClosedByOwner({ status, status_reason }: Standing): boolean {
  return status === 'disabled' && status_reason === closedByOwner
}
