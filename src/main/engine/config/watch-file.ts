import { type FSWatcher, watch } from 'chokidar'

/** Editors write in steps (truncate, write, rename), so a look waits until the file has been quiet this long, in ms. */
const QUIET_MS = 100
/** A file that never comes to rest is looked at all the same after so many milliseconds. */
const LONGEST_WAIT_MS = 400
const POLL_MS = 400

export interface FileWatch {
  close(): Promise<void>
}

/**
 * Calls `onTouched` after the file was changed, replaced, removed or made again, through links too. It may be called
 * without a change in content. Where the system has no watch left to give (inotify's limit), the file is polled.
 * @param onTrouble told once when watching had to be replaced by polling
 */
export async function watchFile(
  file: string,
  onTouched: () => void,
  onTrouble: (error: Error) => void,
): Promise<FileWatch> {
  const quiet = settle(onTouched)
  const ready = Promise.withResolvers<void>()
  let closed = false
  let watcher = begin(false)

  function begin(polling: boolean): FSWatcher {
    const started = watch(file, {
      ignoreInitial: true,
      depth: 0,
      ...(polling ? { backend: 'polling' as const, pollingInterval: POLL_MS } : {}),
    })
    started.on('all', quiet.touch)
    started.on('ready', () => ready.resolve())
    started.on('error', (error) => {
      if (polling || closed || started !== watcher) return
      onTrouble(error instanceof Error ? error : new Error(String(error)))
      watcher = begin(true)
      watcher.once('ready', quiet.touch)
      void started.close()
    })
    return started
  }

  await ready.promise
  return {
    async close() {
      closed = true
      quiet.cancel()
      await watcher.close()
    },
  }
}

function settle(act: () => void): { touch(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  let first = 0
  const fire = () => {
    timer = undefined
    act()
  }
  return {
    touch() {
      const now = performance.now()
      if (timer === undefined) first = now
      clearTimeout(timer)
      timer = setTimeout(fire, Math.max(0, Math.min(QUIET_MS, first + LONGEST_WAIT_MS - now)))
    },
    cancel: () => clearTimeout(timer),
  }
}
