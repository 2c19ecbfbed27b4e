import { FRAMEWORKS, type Framework, RUNTIME_PROGRAMS, type Runtime } from './frameworks.js'

/** What a folder tells of the project in it. */
export interface FolderEvidence {
  /** packages of its manifests, by runtime */
  packages: ReadonlyMap<Runtime, ReadonlySet<string>>
  /** of the files that tell a framework, those which are there */
  files: ReadonlySet<string>
}

/** A command line is the program, perhaps an option or two, and what it runs; what follows is somebody's data. */
const TELLING_WORDS = 5

/**
 * Names the framework of a server: first by what its command line runs, then by its folder and those above it.
 *
 * @param command name of the program; null when unknown
 * @param folders the folder it runs in, and those above, nearest first
 */
export function recogniseFramework(
  command: string | null,
  commandLine: string | null,
  folders: readonly FolderEvidence[],
): string | null {
  const runtime = runtimeOf(command)
  const possible = FRAMEWORKS.filter((framework) => runtime === null || framework.runtime === runtime)
  const words = tellingWords(commandLine ?? '')
  const running = possible.find(({ commands }) => commands?.some((one) => words.has(one)))
  if (running !== undefined) return running.name
  // A program of another kind, such as nginx, may run in any project's folder and has nothing to do with it.
  if (runtime === null && command !== null) return null
  for (const folder of folders) {
    const found = possible.find((framework) => isIn(framework, folder))
    if (found !== undefined) return found.name
  }
  return null
}

function runtimeOf(command: string | null): Runtime | null {
  return RUNTIME_PROGRAMS.find(([program]) => program.test(command ?? ''))?.[1] ?? null
}

/** The first words without their paths and the ending of scripts: `node /x/vite/bin/vite.js` has `node` and `vite`. */
function tellingWords(commandLine: string): Set<string> {
  const words = [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  return new Set(
    words.slice(0, TELLING_WORDS).map((word) =>
      word
        .replace(/^.*[\\/]/, '')
        .replace(/\.(m?js|cjs|exe|cmd)$/i, '')
        .toLowerCase(),
    ),
  )
}

function isIn({ runtime, packages, file }: Framework, folder: FolderEvidence): boolean {
  if (file !== undefined && folder.files.has(file)) return true
  return packages?.some((name) => folder.packages.get(runtime)?.has(name)) ?? false
}
