import { open, mkdir, readdir, readFile, rename, unlink, type FileHandle } from 'node:fs/promises';

/**
 * The file calls of the spool, as a port: the real one is below; a spec passes one whose n-th call fails.
 * Every call rejects with Node's own error (`code` ENOSPC, EIO, …).
 */
export interface SpoolFiles {
  makeDirectory(path: string): Promise<void>;
  list(directory: string): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  /**
   * Creates; EEXIST when it is there.
   * @param mode whose it is; what the process's umask says when it is left out
   */
  create(path: string, mode?: number): Promise<SpoolFile>;
  openExisting(path: string): Promise<SpoolFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** A new, renamed or removed name is durable only after its directory was synced. */
  syncDirectory(path: string): Promise<void>;
}

export interface SpoolFile {
  /** Writes all of it at the offset, or rejects; a part may have been written then. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  datasync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export const nodeFiles: SpoolFiles = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
  },
  list: (directory) => readdir(directory),
  read: (path) => readFile(path),
  create: async (path, mode) => new NodeFile(await open(path, 'wx', mode)),
  openExisting: async (path) => new NodeFile(await open(path, 'r+')),
  rename,
  remove: unlink,
  syncDirectory: async (path) => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

class NodeFile implements SpoolFile {
  constructor(private readonly handle: FileHandle) {}

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, written, bytes.length - written, offset + written);
      written += bytesWritten;
    }
  }

  async datasync(): Promise<void> {
    await this.handle.datasync();
  }

  async truncate(size: number): Promise<void> {
    await this.handle.truncate(size);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Replaces a small file whole: temporary name, fdatasync, rename, directory sync. A crash leaves the old one or the new one. */
export async function replaceFile(
  files: SpoolFiles,
  directory: string,
  name: string,
  bytes: Uint8Array,
  mode?: number,
): Promise<void> {
  const temporary = `${directory}/${name}.new`;
  await files.remove(temporary).catch(ignoreMissing);
  const file = await files.create(temporary, mode);
  try {
    await file.write(bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, `${directory}/${name}`);
  await files.syncDirectory(directory);
}

/** The bytes of a file, or null when there is none. */
export async function readIfThere(files: SpoolFiles, path: string): Promise<Buffer | null> {
  try {
    return await files.read(path);
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
}

/** @throws the error, unless it says that the file is not there */
export function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/** The `code` of a system error, such as ENOSPC. */
export function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}
