import path from 'node:path'
import { type FSWatcher, watch } from 'chokidar'

/** A checkout or a build changes many files within a moment; they make one call. In ms. */
const QUIET_MS = 200
/** A folder in which something changes all the time is told of all the same, after so many milliseconds. */
const LONGEST_WAIT_MS = 2_000
const POLL_MS = 1_000

/** Made by tools and not by people, and large: watched only where a glob names them. */
const IGNORED_FOLDERS: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', '.idea', '.vscode'],
  ...['node_modules', 'bower_components', 'vendor', '.venv', 'venv', '__pycache__', '.bundle'],
  ...['dist', 'build', 'out', 'target', '.next', '.nuxt', '.output', '.svelte-kit', '.astro', '.angular', '.turbo'],
  ...['.cache', '.parcel-cache', '.vite', '.pytest_cache', '.mypy_cache', '.ruff_cache', 'coverage', 'log', 'tmp'],
])

/** The globs of an app, made ready to be asked. */
export interface WatchPlan {
  /** folders and files to watch, absolute */
  roots: string[]
  /** @param file absolute */
  matches(file: string): boolean
  /** @param folder absolute; true when nothing in it can matter */
  skips(folder: string): boolean
}

/**
 * Calls back after files that match have changed, appeared or gone.
 *
 * @param globs relative to `cwd`, with slashes; `!` in front takes files out again
 * @param onChange is given the files, relative to `cwd`
 * @param onTrouble is told once, in a sentence, when watching had to be replaced by polling
 */
export function watchFiles(
  globs: readonly string[],
  cwd: string,
  onChange: (files: string[]) => void,
  onTrouble: (sentence: string) => void = () => {},
): { close(): Promise<void>; ready: Promise<void> } {
  const plan = planWatch(globs, cwd)
  const changes = gather((files) => onChange(files.map((file) => path.relative(cwd, file))))
  const ready = Promise.withResolvers<void>()
  let closed = false
  let watcher = begin(false)

  function begin(polling: boolean): FSWatcher {
    const started = watch(plan.roots, {
      ignoreInitial: true,
      ignored: (file, stats) => (stats?.isFile() ? !plan.matches(file) : plan.skips(file)),
      ...(polling ? { backend: 'polling' as const, pollingInterval: POLL_MS } : {}),
    })
    started.on('all', (event, file) => {
      if (event !== 'addDir' && event !== 'unlinkDir' && plan.matches(path.resolve(cwd, file))) changes.add(file)
    })
    started.on('ready', () => ready.resolve())
    started.on('error', (error) => {
      if (polling || closed || started !== watcher) return
      const reason = error instanceof Error ? error.message : String(error)
      onTrouble(`files are looked at once a second, because the system cannot watch them: ${reason}`)
      watcher = begin(true)
      void started.close()
    })
    return started
  }

  return {
    ready: ready.promise,
    async close() {
      closed = true
      changes.cancel()
      await watcher.close()
    },
  }
}

/** What to watch for globs, and which files they mean. */
export function planWatch(globs: readonly string[], cwd: string): WatchPlan {
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map((glob) => glob.replace(/^\.\//, ''))
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1).replace(/^\.\//, ''))
  const named = new Set(wanted.flatMap((glob) => glob.split('/')))
  const roots = [...new Set(wanted.map((glob) => path.resolve(cwd, fixedPart(glob))))]
  const relative = (file: string) => path.relative(cwd, file).split(path.sep).join('/')
  return {
    roots,
    matches(file) {
      const name = relative(file)
      return (
        wanted.some((glob) => path.matchesGlob(name, glob)) && !unwanted.some((glob) => path.matchesGlob(name, glob))
      )
    },
    skips: (folder) => !roots.includes(folder) && isIgnored(path.basename(folder), named),
  }
}

function isIgnored(name: string, named: ReadonlySet<string>): boolean {
  return IGNORED_FOLDERS.has(name) && !named.has(name)
}

/** The folders at the front of a glob that are plain names; the whole of it when it names one file. */
function fixedPart(glob: string): string {
  const parts = glob.split('/')
  const first = parts.findIndex((part) => /[*?[\]{}()!]/.test(part))
  return first === -1 ? glob : parts.slice(0, first).join('/') || '.'
}

function gather(act: (files: string[]) => void): { add(file: string): void; cancel(): void } {
  const files = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let first = 0
  const fire = () => {
    timer = undefined
    const gathered = [...files]
    files.clear()
    act(gathered)
  }
  return {
    add(file) {
      const now = performance.now()
      if (timer === undefined) first = now
      files.add(file)
      clearTimeout(timer)
      timer = setTimeout(fire, Math.max(0, Math.min(QUIET_MS, first + LONGEST_WAIT_MS - now)))
    },
    cancel: () => clearTimeout(timer),
  }
}
