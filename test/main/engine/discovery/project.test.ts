import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readProject } from '../../../../src/main/engine/discovery/project.js'
import { recogniseFramework } from '../../../../src/main/engine/discovery/recognise-framework.js'
import { Listeners } from '../../../support/listener.js'
import { within } from '../../../support/wait.js'

let disk: Listeners

beforeEach(async () => {
  disk = await Listeners.make()
})

afterEach(() => disk.close())

const manifest = (value: unknown) => ({ 'package.json': JSON.stringify(value) })

async function frameworkIn(folder: string, command = 'node', commandLine: string | null = null) {
  return recogniseFramework(command, commandLine, (await readProject(folder)).folders)
}

test.each([
  ['Next.js', 'node', manifest({ dependencies: { react: '1', next: '15' } })],
  ['Vite', 'node', manifest({ dependencies: { express: '4' }, devDependencies: { vite: '8' } })],
  ['Nuxt', 'node', manifest({ devDependencies: { nuxt: '4', vite: '8' } })],
  ['Astro', 'node', manifest({ dependencies: { astro: '5' } })],
  ['Remix', 'node', manifest({ devDependencies: { '@remix-run/dev': '2', vite: '5' } })],
  ['Angular', 'node', manifest({ dependencies: { '@angular/core': '20' } })],
  ['SvelteKit', 'node', manifest({ devDependencies: { '@sveltejs/kit': '2', vite: '8' } })],
  ['Express', 'node', manifest({ dependencies: { express: '5' } })],
  ['Django', 'python3.11', { 'manage.py': '' }],
  ['Flask', 'python3', { 'requirements.txt': '# web\nFlask>=3\ngunicorn\n' }],
  ['FastAPI', 'uvicorn', { 'pyproject.toml': '[project]\ndependencies = [\n  "fastapi[standard]>=0.1",\n]\n' }],
  ['Rails', 'ruby', { Gemfile: "source 'x'\ngem 'rails', '~> 8'\n", 'config.ru': '' }],
  ['Rack', 'puma', { 'config.ru': '' }],
  ['Laravel', 'php8.3', { 'composer.json': '{"require":{"php":"^8","laravel/framework":"^12"}}' }],
  ['Symfony', 'php', { 'composer.json': '{"require":{"symfony/framework-bundle":"^7"}}' }],
])('%s is recognised by its folder', async (framework, command, files) => {
  const folder = await disk.project('shop', files as Record<string, string>)
  expect(await frameworkIn(folder, command)).toBe(framework)
  expect(await frameworkIn(folder, 'nginx')).toBeNull()
})

test.each([
  ['Vite', 'node /code/shop/node_modules/.bin/vite --port 3000'],
  ['Next.js', 'next-server (v15.1.0)'],
  ['Angular', '"C:\\node.exe" "C:\\my shop\\node_modules\\@angular\\cli\\bin\\ng.js" serve'],
  ['Storybook', 'node /code/shop/node_modules/.bin/storybook dev'],
])('what runs counts more than what the folder has: %s', async (framework, commandLine) => {
  const folder = await disk.project('shop', manifest({ dependencies: { nuxt: '4' } }))
  expect(await frameworkIn(folder, 'node', commandLine)).toBe(framework)
})

test('a program has no framework of another language', async () => {
  const folder = await disk.project('shop', manifest({ dependencies: { next: '15' } }))
  expect(await frameworkIn(folder, 'python3.11', 'python3 server.py')).toBeNull()
  expect(await frameworkIn(folder, 'python3.11', 'python3 -m http.server 8000')).toBe('Python http.server')
})

test('a package of a monorepo has the name of its own and what the root tells, but nothing from above the root', async () => {
  await disk.project('.', manifest({ name: 'everything', dependencies: { next: '15' } }))
  await disk.project('repo', { ...manifest({ name: 'root', devDependencies: { vite: '8' } }), '.git/HEAD': '' })
  const web = await disk.project('repo/packages/web/src', {})
  await disk.project('repo/packages/web', manifest({ name: '@acme/web' }))
  expect(await readProject(web)).toMatchObject({ packageName: '@acme/web', folderName: 'src' })
  expect(await frameworkIn(web)).toBe('Vite')
  expect(await frameworkIn(await disk.project('repo/nested', { '.git/HEAD': '' }))).toBeNull()
})

test('the home directory and what is above it tell nothing', async () => {
  const home = await disk.project('home', manifest({ name: 'dotfiles' }))
  const folder = await disk.project('home/shop')
  expect(await readProject(folder, home)).toMatchObject({ packageName: null, folderName: 'shop' })
  for (const shared of [home, disk.base, path.parse(home).root]) {
    expect(await readProject(shared, home)).toEqual({ packageName: null, folderName: null, folders: [] })
  }
})

test('manifests that are broken, huge, pipes or gone tell nothing', async () => {
  const folder = await disk.project('shop', { 'package.json': '{"name":', 'composer.json': '[]', Gemfile: '\0' })
  expect(await readProject(folder)).toMatchObject({ packageName: null, folderName: 'shop' })
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'big', x: 'x'.repeat(2 ** 21) }))
  expect((await readProject(folder)).packageName).toBeNull()
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [path.join(folder, 'requirements.txt')])
    expect(await within(frameworkIn(folder, 'python3'), 'an answer in spite of the pipe')).toBeNull()
  }
  expect(await readProject(path.join(folder, 'gone'))).toMatchObject({ packageName: null, folderName: 'gone' })
})
