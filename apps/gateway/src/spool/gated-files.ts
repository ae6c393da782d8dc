import { nodeFiles, type SpoolFiles } from './spool-files.js';

/** The real file calls, whose datasyncs wait while the gate is shut, so that a spec sees what happens meanwhile. For specs. */
export class GatedFiles {
  readonly files: SpoolFiles;
  /** Datasyncs so far. */
  syncs = 0;
  private isShut = false;
  private waiting: (() => void)[] = [];

  constructor() {
    this.files = {
      ...nodeFiles,
      create: async (path) => {
        const file = await nodeFiles.create(path);
        return {
          write: (bytes, offset) => file.write(bytes, offset),
          truncate: (size) => file.truncate(size),
          close: () => file.close(),
          datasync: async () => {
            this.syncs++;
            if (this.isShut) await new Promise<void>((resolve) => this.waiting.push(resolve));
            await file.datasync();
          },
        };
      },
    };
  }

  /** Datasyncs that wait. */
  get held(): number {
    return this.waiting.length;
  }

  shut(): void {
    this.isShut = true;
  }

  /** Lets those go that wait; the next ones wait again. */
  letGo(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  open(): void {
    this.isShut = false;
    this.letGo();
  }
}
