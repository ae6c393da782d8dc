import { stateTable } from '#libs/kernel';

export type ArchiveState = 'OFFERED' | 'REMOVED';
export type ArchiveCommand = 'REMOVE';

/** The schema's function `audit_archive_remove` holds the same transition. */
export const ARCHIVE_STATES = stateTable<ArchiveState, ArchiveCommand>('OFFERED', {
  OFFERED: { means: 'can be fetched; its records are still here', meansZh: '可下载', to: { REMOVE: 'REMOVED' } },
  REMOVED: { means: 'its records are in the file alone', meansZh: '已归档移除', to: {} },
});
