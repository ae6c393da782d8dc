/** What kind of answer an error is; the API maps each category to one HTTP status and one GraphQL treatment. */
export type ErrorCategory =
  'INVALID' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'LIMIT' | 'UNAVAILABLE' | 'INTERNAL';

interface ErrorCodeRow {
  readonly category: ErrorCategory;
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;
  readonly en: string;
  readonly zh: string;
}

const row = (category: ErrorCategory, retryable: boolean, en: string, zh: string): ErrorCodeRow => ({
  category,
  retryable,
  en,
  zh,
});

/** Every error that leaves Boxtrail. A code is stable once it was released; its wording is not. */
export const ERROR_CODES = {
  INVALID_INPUT: row('INVALID', false, 'The input is not valid.', '输入无效。'),
  INVALID_CONTAINER_NUMBER: row('INVALID', false, 'This is not an ISO 6346 container number.', '箱号不符合 ISO 6346。'),
  INVALID_LICENCE_PLATE: row('INVALID', false, 'This is not a licence plate of the mainland.', '车牌号无效。'),
  INVALID_PERIOD: row('INVALID', false, 'The period ends before it begins.', '时间段的结束早于开始。'),
  INVALID_CURSOR: row('INVALID', false, 'This cursor did not come from this list.', '游标无效。'),
  INVALID_PAGE_SIZE: row('LIMIT', false, 'The page size is out of bounds.', '分页大小超出范围。'),
  INVALID_CONFIG: row('INVALID', false, 'The configuration has faults.', '配置有误。'),
  INVALID_GEOMETRY: row('INVALID', false, 'The geometry is not usable.', '几何图形无效。'),
  UNAUTHENTICATED: row('UNAUTHENTICATED', false, 'A valid bearer token is needed.', '需要有效的令牌。'),
  SIGN_IN_REFUSED: row('UNAUTHENTICATED', false, 'The sign-in is refused.', '登录被拒绝。'),
  SECOND_FACTOR_REQUIRED: row(
    'FORBIDDEN',
    false,
    'A second factor is needed before anything else.',
    '须先完成第二因素验证。',
  ),
  CLOCK_SKEW: row('UNAUTHENTICATED', true, 'The clock of the sender is not right.', '发送方时钟不正确。'),
  REQUEST_REPLAYED: row('UNAUTHENTICATED', true, 'This signed request was here before.', '已收到过该签名请求。'),
  FORBIDDEN: row('FORBIDDEN', false, 'Your role or your token may not do this.', '您的角色或令牌无权执行此操作。'),
  CASE_NUMBER_REQUIRED: row(
    'INVALID',
    false,
    'A case number is needed: what is read here is audited.',
    '须提供案件编号或查验编号，此处查询均受审计。',
  ),
  ORGANISATION_SUSPENDED: row('FORBIDDEN', false, 'Your organisation is suspended.', '您的单位已被停用。'),
  ORGANISATION_NOT_VERIFIED: row(
    'FORBIDDEN',
    false,
    'Your organisation’s name is not verified.',
    '您的单位尚未通过实名认证。',
  ),
  NOT_FOUND: row('NOT_FOUND', false, 'There is nothing here that you may see.', '未找到。'),
  CONFLICT: row('CONFLICT', false, 'The state has changed meanwhile.', '状态已变更。'),
  IDEMPOTENCY_MISMATCH: row(
    'CONFLICT',
    false,
    'This idempotency key was used with another request.',
    '幂等键已用于不同的请求。',
  ),
  SEQUENCE_GAP: row('CONFLICT', true, 'The batch does not follow what is committed.', '批次序号不连续。'),
  DOCUMENT_UNKNOWN: row('NOT_FOUND', false, 'This document is not listed here.', '未登记的查询文档。'),
  RATE_LIMITED: row('LIMIT', true, 'Too much was asked in too short a time.', '请求过于频繁。'),
  LIMIT_EXCEEDED: row('LIMIT', false, 'A limit is exceeded.', '超出限制。'),
  STORAGE_FULL: row('UNAVAILABLE', true, 'The spool or disk is full.', '存储已满。'),
  SPOOL_DAMAGED: row('INTERNAL', false, 'The spool holds a damaged record.', '缓存文件损坏。'),
  UNAVAILABLE: row('UNAVAILABLE', true, 'A needed part does not answer.', '服务暂不可用。'),
  INTERNAL: row('INTERNAL', false, 'Something went wrong on our side.', '内部错误。'),
} as const satisfies Record<string, ErrorCodeRow>;

export type ErrorCode = keyof typeof ERROR_CODES;
