import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describeWorktree, type Worktree, worktreeGitDir } from './project-name.js'

/** The linked worktree that a folder is in; null when it is in none. @param folder absolute */
export async function readWorktree(folder: string): Promise<Worktree | null> {
  for (let place = folder; ; place = path.dirname(place)) {
    const dotGit = await readDotGit(place)
    if (dotGit === 'directory') return null
    if (dotGit !== null) return fromFile(place, dotGit)
    if (place === path.dirname(place)) return null
  }
}

async function fromFile(place: string, dotGit: string): Promise<Worktree | null> {
  const written = worktreeGitDir(dotGit)
  if (written === null) return null
  const gitDir = path.resolve(place, written) // git may write it relative to the worktree
  const head = await readFile(path.join(gitDir, 'HEAD'), 'utf8').catch(() => '')
  return describeWorktree(gitDir, head)
}

async function readDotGit(place: string): Promise<string | 'directory' | null> {
  try {
    return await readFile(path.join(place, '.git'), 'utf8')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'directory' : null
  }
}
