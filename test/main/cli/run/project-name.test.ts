import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeWorktree, projectName, worktreeGitDir } from '../../../../src/main/cli/run/project-name.js'
import { readWorktree } from '../../../../src/main/cli/run/read-worktree.js'

const sources = { packageName: '@acme/shop', folderName: 'checkout', command: null, port: 3000 }
const none = new Set<string>()

describe('the name of a project', () => {
  test('is that of its package, or of its folder', () => {
    expect(projectName(sources, null, none)).toBe('shop')
    expect(projectName({ ...sources, packageName: null }, null, none)).toBe('checkout')
    expect(projectName(sources, null, new Set(['shop']))).toBe('shop-2')
  })

  test('has the branch behind it in a worktree', () => {
    const worktree = { branch: 'feature/Search', repository: 'shop-repo' }
    expect(projectName(sources, worktree, none)).toBe('shop-feature-search')
    expect(projectName({ ...sources, packageName: null }, worktree, none)).toBe('shop-repo-feature-search')
    expect(projectName(sources, worktree, new Set(['shop-feature-search']))).toBe('shop-feature-search-2')
  })
})

describe('a worktree', () => {
  test('is told from a submodule and from anything else', () => {
    expect(worktreeGitDir('gitdir: /code/shop/.git/worktrees/search\n')).toBe('/code/shop/.git/worktrees/search')
    expect(worktreeGitDir('gitdir: C:/code/shop/.git/worktrees/search\n')).toBe('C:/code/shop/.git/worktrees/search')
    expect(worktreeGitDir('gitdir: ../.git/modules/lib\n')).toBeNull()
    expect(worktreeGitDir('')).toBeNull()
  })

  test('is known by its branch, and by its own name where none is checked out', () => {
    const dir = '/code/shop/.git/worktrees/search'
    expect(describeWorktree(dir, 'ref: refs/heads/feature/search\n')).toEqual({
      branch: 'feature/search',
      repository: 'shop',
    })
    expect(describeWorktree(dir, '5c9d2d6\n')).toEqual({ branch: 'search', repository: 'shop' })
    expect(describeWorktree('/code/shop.git/worktrees/search', '').repository).toBe('shop')
  })

  describe('that git has made', () => {
    let base: string
    const git = (cwd: string, ...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...words], { cwd, stdio: 'pipe' })

    beforeEach(async () => {
      base = await mkdtemp(path.join(tmpdir(), 'portico-worktree-'))
      await mkdir(path.join(base, 'shop', 'src'), { recursive: true })
    })

    afterEach(() => rm(base, { recursive: true, force: true }))

    test('is found from its folders, and the main checkout is none', async () => {
      const shop = path.join(base, 'shop')
      git(shop, 'init', '-q')
      await writeFile(path.join(shop, 'src', 'a'), 'a')
      git(shop, 'add', '.')
      git(shop, 'commit', '-qm', 'a')
      git(shop, 'worktree', 'add', '-q', '-b', 'fix/login', path.join(base, 'elsewhere'))
      expect(await readWorktree(path.join(base, 'elsewhere', 'src'))).toEqual({
        branch: 'fix/login',
        repository: 'shop',
      })
      expect(await readWorktree(path.join(shop, 'src'))).toBeNull()
      expect(await readWorktree(base)).toBeNull()
    })
  })
})
