/** How long an orderly end may take once the parent is gone. */
const GRACE_MS = 10_000;

/**
 * Ends this process when the process that spawned it with an IPC channel is gone, even by `kill -9`: the operating system
 * closes the channel, and we send ourselves SIGTERM, so that the same handlers run as for an ordinary end.
 * Does nothing in a process that was started by hand.
 */
export function dieWithParent(): void {
  if (process.channel === undefined || process.channel === null) {
    return;
  }
  // the parent's end of our log pipes is gone with it; a line that cannot be written must not cut the orderly end short
  const ignoreBrokenPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  };
  process.stdout.on('error', ignoreBrokenPipe);
  process.stderr.on('error', ignoreBrokenPipe);
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // a process that has nothing else to do may end
  process.channel.unref();
}
