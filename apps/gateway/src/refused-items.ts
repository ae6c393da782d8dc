import type { Logger } from '#libs/kernel';
import type { UplinkItem } from '#libs/lane';
import { ignoreMissing, readIfThere, type SpoolFile, type SpoolFiles } from './spool/index.js';

export interface RefusedItemsOptions {
  readonly files: SpoolFiles;
  readonly directory: string;
  readonly log: Logger;
  /** Bound of each of the two files, 16 MiB by default. */
  readonly maxBytes?: number;
}

interface ItemFile {
  /** Whole lines, each an item. */
  readonly items: number;
  readonly bytes: number;
  /** Behind its last whole line stands what a kill or a failure left of another. */
  readonly isTorn: boolean;
}

const NEWEST = 'refused-items.jsonl';
const OLDER = 'refused-items.1.jsonl';
const MAX_BYTES = 16 * 1024 * 1024;
const NONE: ItemFile = { items: 0, bytes: 0, isTorn: false };
const NEWLINE = 0x0a;

/**
 * What the service would not take, kept beside the spool where a person can look at it: one JSON object a line, with its words.
 *
 * Two files of bounded size. When the newest is full it becomes the older one, and the items of the older one are gone: counted
 * in `dropped`, and told in the log. The service was told of each of them, with the reading's name and its first bytes; to stop
 * the uplink instead would keep all that it does take from it.
 */
export class RefusedItems {
  private droppedItems = 0;

  private constructor(
    private readonly options: RefusedItemsOptions,
    private newest: ItemFile,
    private older: ItemFile,
  ) {}

  /** @throws the system's error when a file is there and cannot be read */
  static async open(options: RefusedItemsOptions): Promise<RefusedItems> {
    return new RefusedItems(options, await measure(options, NEWEST), await measure(options, OLDER));
  }

  /** Items in the two files. */
  get kept(): number {
    return this.newest.items + this.older.items;
  }

  /** Items that were dropped since the start, because newer ones took their room. */
  get dropped(): number {
    return this.droppedItems;
  }

  /**
   * Resolves when the item is on the disk.
   * @throws the system's error when it is not: the item must then stay unsent, and be kept at another attempt
   */
  async keep(item: UplinkItem, why: string): Promise<void> {
    const line = Buffer.from(`${JSON.stringify({ why, item })}\n`);
    const { maxBytes = MAX_BYTES } = this.options;
    if (this.newest.items > 0 && this.newest.bytes + line.length > maxBytes) await this.rotate();
    const file = await this.openNewest();
    const { items, bytes, isTorn } = this.newest;
    this.newest = { items, bytes, isTorn: true };
    try {
      if (isTorn) await file.truncate(bytes);
      await file.write(line, bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (items === 0) await this.options.files.syncDirectory(this.options.directory);
    this.newest = { items: items + 1, bytes: bytes + line.length, isTorn: false };
  }

  /** A person may have moved it away to look at it: then it begins anew. */
  private async openNewest(): Promise<SpoolFile> {
    const path = `${this.options.directory}/${NEWEST}`;
    try {
      return await this.options.files.openExisting(path);
    } catch (error) {
      ignoreMissing(error);
    }
    this.newest = NONE;
    return this.options.files.create(path);
  }

  private async rotate(): Promise<void> {
    const { files, directory, log } = this.options;
    const { items } = await measure(this.options, OLDER);
    try {
      await files.rename(`${directory}/${NEWEST}`, `${directory}/${OLDER}`);
    } catch (error) {
      return ignoreMissing(error);
    }
    this.older = this.newest;
    this.newest = NONE;
    this.droppedItems += items;
    if (items > 0) {
      const what = { code: 'STORAGE_FULL', file: `${directory}/${OLDER}`, items, dropped: this.droppedItems };
      log.error(what, 'the oldest items that the service refused are dropped: it refuses too many');
    }
    await files.syncDirectory(directory);
  }
}

async function measure({ files, directory }: RefusedItemsOptions, name: string): Promise<ItemFile> {
  const bytes = await readIfThere(files, `${directory}/${name}`);
  if (bytes === null) return NONE;
  let items = 0;
  let end = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, end)) {
    items++;
    end = at + 1;
  }
  return { items, bytes: end, isTorn: end < bytes.length };
}
