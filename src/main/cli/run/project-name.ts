import { type NameSources, proposeName } from '../../engine/discovery/propose-name.js'

/** A further checkout of a repository (git-worktree(1)). */
export interface Worktree {
  /** name of the branch, or of the worktree where none is checked out */
  branch: string
  /** name of the folder that holds the repository */
  repository: string
}

/**
 * A name for the project of a folder: that of its package.json, or of the folder. Several worktrees of a repository have
 * the same, so the branch comes behind it there, and each gets its own address.
 *
 * @param worktree null in a main checkout, and where there is no repository
 */
export function projectName(sources: NameSources, worktree: Worktree | null, taken: ReadonlySet<string>): string {
  if (worktree === null) return proposeName(sources, taken)
  const folderName = sources.packageName === null ? worktree.repository : sources.folderName
  const project = proposeName({ ...sources, folderName }, new Set())
  return proposeName({ ...sources, packageName: `${project}-${worktree.branch}` }, taken)
}

/**
 * Where the repository keeps what it knows of a worktree, from the file `.git` in it.
 *
 * @returns null for a submodule, which has such a file as well, and for what is no such file
 */
export function worktreeGitDir(dotGit: string): string | null {
  const dir = /^gitdir: (.+?)\s*$/.exec(dotGit)?.[1]
  return dir !== undefined && /[\\/]worktrees[\\/][^\\/]+$/.test(dir) ? dir : null
}

/**
 * @param gitDir absolute, as `/code/shop/.git/worktrees/search`, or `/code/shop.git/worktrees/search` of a bare one
 * @param head the file HEAD in it
 */
export function describeWorktree(gitDir: string, head: string): Worktree {
  const parts = gitDir.split(/[\\/]/)
  const [folder = '', dotGit = ''] = parts.slice(0, -2).slice(-2)
  const repository = dotGit === '.git' ? folder : dotGit.replace(/\.git$/, '')
  return { branch: /^ref: refs\/heads\/(.+?)\s*$/.exec(head)?.[1] ?? parts.at(-1) ?? '', repository }
}
