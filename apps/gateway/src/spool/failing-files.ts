import { nodeFiles, type SpoolFile, type SpoolFiles } from './spool-files.js';

/**
 * The real file calls, of which those that `shouldFail` names reject with `code`; a failing write has written half by then,
 * as a disk that runs full does. For specs.
 */
export class FailingFiles implements SpoolFiles {
  calls = 0;

  constructor(
    private readonly shouldFail: (call: number, name: string) => boolean,
    private readonly code: string,
  ) {}

  makeDirectory(path: string): Promise<void> {
    return this.attempt('makeDirectory', () => nodeFiles.makeDirectory(path));
  }

  list(directory: string): Promise<string[]> {
    return this.attempt('list', () => nodeFiles.list(directory));
  }

  read(path: string): Promise<Buffer> {
    return this.attempt('read', () => nodeFiles.read(path));
  }

  create(path: string, mode?: number): Promise<SpoolFile> {
    return this.attempt('create', async () => this.watched(await nodeFiles.create(path, mode)));
  }

  openExisting(path: string): Promise<SpoolFile> {
    return this.attempt('openExisting', async () => this.watched(await nodeFiles.openExisting(path)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.attempt('rename', () => nodeFiles.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.attempt('remove', () => nodeFiles.remove(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.attempt('syncDirectory', () => nodeFiles.syncDirectory(path));
  }

  private watched(file: SpoolFile): SpoolFile {
    return {
      write: (bytes, offset) =>
        this.attempt(
          'write',
          () => file.write(bytes, offset),
          () => file.write(bytes.subarray(0, bytes.length >> 1), offset),
        ),
      datasync: () => this.attempt('datasync', () => file.datasync()),
      truncate: (size) => this.attempt('truncate', () => file.truncate(size)),
      close: () => file.close(),
    };
  }

  private async attempt<T>(name: string, real: () => Promise<T>, half?: () => Promise<void>): Promise<T> {
    this.calls++;
    if (!this.shouldFail(this.calls, name)) return real();
    await half?.();
    throw Object.assign(new Error(`${this.code}: ${name}, call ${this.calls}`), { code: this.code });
  }
}
