import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEV_SERVERS } from '../../../../../src/main/engine/supervisor/launch/frameworks.js'
import { type Injection, injectPort } from '../../../../../src/main/engine/supervisor/launch/inject-port.js'

/** What becomes of a command: `=` stands for "as it was". Port 4100, https://shop.localhost. */
type Row = readonly [command: string, result: string]

const SERVERS: Row[] = [
  ['vite', 'vite --port 4100 --strictPort --host 127.0.0.1'],
  ['vite dev --mode test', 'vite dev --mode test --port 4100 --strictPort --host 127.0.0.1'],
  ['vite preview', 'vite preview --port 4100 --strictPort --host 127.0.0.1'],
  ['vite build', '='],
  ['vite build --watch', '='],
  ['vite --host', 'vite --host --port 4100 --strictPort'],
  ['vite --host=0.0.0.0', 'vite --host=0.0.0.0 --port 4100 --strictPort'],
  ['vite --help', '='],
  ['vitest', '='],
  ['astro dev', 'astro dev --port 4100 --host 127.0.0.1'],
  ['astro build', '='],
  ['ng serve', 'ng serve --port 4100 --host 127.0.0.1'],
  ['ng s --configuration dev', 'ng s --configuration dev --port 4100 --host 127.0.0.1'],
  ['ng test', '='],
  ['next dev', 'next dev --port 4100'],
  ['next dev --turbopack', 'next dev --turbopack --port 4100'],
  ['next start', 'next start --port 4100'],
  ['next', 'next --port 4100'],
  ['next build', '='],
  ['nuxt dev', 'nuxt dev --port 4100 --host 127.0.0.1'],
  ['nuxi dev', 'nuxi dev --port 4100 --host 127.0.0.1'],
  ['react-router dev', 'react-router dev --port 4100 --strictPort --host 127.0.0.1'],
  ['react-router typegen', '='],
  ['remix vite:dev', 'remix vite:dev --port 4100 --strictPort --host 127.0.0.1'],
  ['remix dev', '='],
  ['remix-serve build/index.js', '='],
  ['gatsby develop', 'gatsby develop --port 4100 -H 127.0.0.1'],
  ['docusaurus start', 'docusaurus start --port 4100 --host 127.0.0.1 --no-open'],
  ['vitepress dev docs', 'vitepress dev docs --port 4100 --host 127.0.0.1'],
  ['storybook dev', 'storybook dev -p 4100 --host 127.0.0.1 --ci'],
  ['storybook dev -h localhost', 'storybook dev -h localhost -p 4100 --ci'],
  ['start-storybook', 'start-storybook -p 4100 --host 127.0.0.1 --ci'],
  ['expo start --web', 'expo start --web --port 4100'],
  ['react-scripts start', '='],
  ['vue-cli-service serve', 'vue-cli-service serve --port 4100 --host 127.0.0.1'],
  ['webpack-dev-server', 'webpack-dev-server --port 4100 --host 127.0.0.1'],
  ['webpack serve --mode development', 'webpack serve --mode development --port 4100 --host 127.0.0.1'],
  ['webpack --watch', '='],
  ['parcel src/index.html', 'parcel src/index.html --port 4100 --host 127.0.0.1'],
  ['parcel build src/index.html', '='],
  ['eleventy --serve', 'eleventy --serve --port=4100'],
  ['eleventy', '='],
  ['http-server ./public', 'http-server ./public --port 4100 -a 127.0.0.1'],
  ['serve -s build', 'serve -s build -l tcp://127.0.0.1:4100'],
  ['live-server public', 'live-server public --port=4100 --host=127.0.0.1 --no-browser'],
  ['wrangler dev', 'wrangler dev --port 4100 --ip 127.0.0.1'],
  ['json-server db.json', 'json-server db.json --port 4100 --host 127.0.0.1'],
  ['python manage.py runserver', 'python manage.py runserver 127.0.0.1:4100'],
  ['./manage.py runserver --noreload', './manage.py runserver --noreload 127.0.0.1:4100'],
  ['python3 -Wd manage.py migrate', '='],
  ['django-admin runserver', 'django-admin runserver 127.0.0.1:4100'],
  ['flask run', 'flask run --port 4100 --host 127.0.0.1'],
  ['flask --app shop run --debug', 'flask --app shop run --debug --port 4100 --host 127.0.0.1'],
  ['flask db upgrade', '='],
  ['python -m flask run', 'python -m flask run --port 4100 --host 127.0.0.1'],
  ['fastapi dev main.py', 'fastapi dev main.py --port 4100 --host 127.0.0.1'],
  ['uvicorn app:app --reload', 'uvicorn app:app --reload --port 4100 --host 127.0.0.1'],
  ['uvicorn app:app --uds /run/x', '='],
  ['python3.12 -m uvicorn app:app', 'python3.12 -m uvicorn app:app --port 4100 --host 127.0.0.1'],
  ['gunicorn app:app', 'gunicorn app:app --bind 127.0.0.1:4100'],
  ['hypercorn app:app', 'hypercorn app:app --bind 127.0.0.1:4100'],
  ['streamlit run app.py', 'streamlit run app.py --server.port 4100 --server.address 127.0.0.1 --server.headless true'],
  ['mkdocs serve', 'mkdocs serve --dev-addr 127.0.0.1:4100'],
  ['python3 -m http.server', 'python3 -m http.server 4100 --bind 127.0.0.1'],
  ['python3 -u -m http.server --directory site', 'python3 -u -m http.server --directory site 4100 --bind 127.0.0.1'],
  ['python app.py', '='],
  ['python -c "import http.server"', '='],
  ['rails server', 'rails server --port 4100 -b 127.0.0.1'],
  ['bin/rails s -e test', 'bin/rails s -e test --port 4100 -b 127.0.0.1'],
  ['ruby bin/rails server', 'ruby bin/rails server --port 4100 -b 127.0.0.1'],
  ['rails console', '='],
  ['rackup', 'rackup --port 4100 -o 127.0.0.1'],
  ['puma', 'puma -b tcp://127.0.0.1:4100'],
  ['puma -C config/puma.rb', '='],
  ['jekyll serve --livereload', 'jekyll serve --livereload --port 4100 --host 127.0.0.1'],
  ['php artisan serve', 'php artisan serve --port=4100 --host=127.0.0.1'],
  ['php artisan migrate', '='],
  ['symfony server:start', 'symfony server:start --port=4100 --no-tls'],
  ['hugo server -D', 'hugo server -D --port 4100 --bind 127.0.0.1 --baseURL https://shop.localhost --appendPort=false'],
  ['hugo', '='],
  ['zola serve', 'zola serve --port 4100 --interface 127.0.0.1'],
  ['mdbook serve', 'mdbook serve --port 4100 --hostname 127.0.0.1'],
  ['node server.js', '='],
  ['go run .', '='],
  ['cargo run', '='],
  ['./start.sh --port 1', '='],
]

const WRAPPERS: Row[] = [
  ['npx vite', 'npx vite --port 4100 --strictPort --host 127.0.0.1'],
  ['npx -y serve@14 dist', 'npx -y serve@14 dist -l tcp://127.0.0.1:4100'],
  ['npx @angular/cli@19 serve', 'npx @angular/cli@19 serve --port 4100 --host 127.0.0.1'],
  ['npx --package next next dev', '='],
  ['npm exec next dev', 'npm exec next dev -- --port 4100'],
  ['npm exec -- next dev', 'npm exec -- next dev --port 4100'],
  ['pnpm exec next dev', 'pnpm exec next dev --port 4100'],
  ['pnpm dlx astro dev', 'pnpm dlx astro dev --port 4100 --host 127.0.0.1'],
  ['pnpm next dev', 'pnpm next dev --port 4100'],
  ['yarn next dev', 'yarn next dev --port 4100'],
  ['yarn run next dev', 'yarn run next dev --port 4100'],
  ['bunx --bun vite', 'bunx --bun vite --port 4100 --strictPort --host 127.0.0.1'],
  ['bun x next dev', 'bun x next dev --port 4100'],
  ['bun run next dev', 'bun run next dev --port 4100'],
  ['./node_modules/.bin/next dev', './node_modules/.bin/next dev --port 4100'],
  ['node node_modules/next/dist/bin/next dev', 'node node_modules/next/dist/bin/next dev --port 4100'],
  ['node --inspect -r dotenv/config node_modules/vite/bin/vite.js build', '='],
  ['NODE_ENV=development next dev', 'NODE_ENV=development next dev --port 4100'],
  ['cross-env NODE_ENV=development next dev', 'cross-env NODE_ENV=development next dev --port 4100'],
  ['env FOO=1 next dev', 'env FOO=1 next dev --port 4100'],
  ['env -i next dev', '='],
  ['exec next dev', 'exec next dev --port 4100'],
  ['dotenv -e .env.local -- next dev', 'dotenv -e .env.local -- next dev --port 4100'],
  ['dotenv -e .env.local next dev', '='],
  ['bundle exec rails s', 'bundle exec rails s --port 4100 -b 127.0.0.1'],
  ['bundle exec jekyll serve', 'bundle exec jekyll serve --port 4100 --host 127.0.0.1'],
  ['poetry run flask run', 'poetry run flask run --port 4100 --host 127.0.0.1'],
  ['uv run manage.py runserver', 'uv run manage.py runserver 127.0.0.1:4100'],
  ['uv run --with flask flask run', '='],
  ['uv run python -m http.server', 'uv run python -m http.server 4100 --bind 127.0.0.1'],
]

const LINES: Row[] = [
  ['cd web && next dev', 'cd web && next dev --port 4100'],
  ['npm ci; next dev', 'npm ci; next dev --port 4100'],
  ['next build && next start', 'next build && next start --port 4100'],
  ['next dev && next build', '='],
  ['next dev > dev.log 2>&1', 'next dev --port 4100 > dev.log 2>&1'],
  ['next dev 2>/dev/null', 'next dev --port 4100 2>/dev/null'],
  ['next dev # the shop', 'next dev --port 4100 # the shop'],
  ['next dev;', 'next dev --port 4100;'],
  ['  next dev  ', '  next dev --port 4100  '],
  ['source .env\nnext dev\n', 'source .env\nnext dev --port 4100\n'],
  ['"next" \'dev\' "my dir"', '"next" \'dev\' "my dir" --port 4100'],
  ['next dev my\\ dir', 'next dev my\\ dir --port 4100'],
  ['http-server "a && b"', 'http-server "a && b" --port 4100 -a 127.0.0.1'],
  ['next dev | tee log', '='],
  ['next dev || true', '='],
  ['next dev & node api.js', '='],
  ['next dev &', '='],
  ['(next dev)', '='],
  ['next dev "$(pwd)"', '='],
  ['next dev `pwd`', '='],
  ['if true; then next dev; fi', '='],
  ['while true; do next dev; done', '='],
  ['next dev "unclosed', '='],
  ['cat <<END; next dev', '='],
  ['', '='],
  ['FOO=1', '='],
]

const SCRIPTS: Record<string, string> = {
  dev: 'vite',
  next: 'next dev',
  chain: 'tsc && next dev',
  piped: 'next dev | pino-pretty',
  comment: 'next dev # here',
  own: 'next dev -p 3001',
  inner: 'npm run next',
  pinner: 'pnpm next',
  loop: 'npm run loop',
  both: 'concurrently "vite" "node api.js"',
  start: 'react-scripts start',
  server: 'node server.js',
  'web:dev': 'cd web && npm run dev',
  plain: 'next dev',
}
const WEB_SCRIPTS = { dev: 'astro dev' }

const PACKAGE_SCRIPTS: Row[] = [
  ['npm run dev', 'npm run dev -- --port 4100 --strictPort --host 127.0.0.1'],
  ['npm run next', 'npm run next -- --port 4100'],
  ['npm run next --silent', 'npm run next --silent -- --port 4100'],
  ['npm run next -- --turbopack', 'npm run next -- --turbopack --port 4100'],
  ['npm run next -- -p 3001', '='],
  ['npm run next -p 3001', 'npm run next -p 3001 -- --port 4100'],
  ['pnpm run next', 'pnpm run next --port 4100'],
  ['pnpm next', 'pnpm next --port 4100'],
  ['pnpm next -- --turbopack', '='],
  ['yarn plain', 'yarn plain --port 4100'],
  ['yarn run plain', 'yarn run plain --port 4100'],
  ['bun run plain', 'bun run plain --port 4100'],
  ['bun plain', 'bun plain --port 4100'],
  ['node --run plain', 'node --run plain -- --port 4100'],
  ['npm run chain', 'npm run chain -- --port 4100'],
  ['npm run piped', '='],
  ['npm run comment', '='],
  ['npm run inner', 'npm run inner -- -- --port 4100'],
  ['npm run pinner', 'npm run pinner -- --port 4100'],
  ['pnpm inner', 'pnpm inner -- --port 4100'],
  ['npm run loop', '='],
  ['npm run both', '='],
  ['npm run own', '='],
  ['npm run server', '='],
  ['npm run missing', '='],
  ['npm start', '='],
  ['npm install', '='],
  ['npm run', '='],
  ['NODE_ENV=test npm run next', 'NODE_ENV=test npm run next -- --port 4100'],
  ['cross-env A=b npm run next', 'cross-env A=b npm run next -- --port 4100'],
  ['cd web && npm run dev', 'cd web && npm run dev -- --port 4100 --host 127.0.0.1'],
  ['cd "$DIR" && npm run dev', '='],
  ['npm --prefix web run dev', 'npm --prefix web run dev -- --port 4100 --host 127.0.0.1'],
  ['pnpm -C web dev', 'pnpm -C web dev --port 4100 --host 127.0.0.1'],
  ['yarn --cwd=web dev', 'yarn --cwd=web dev --port 4100 --host 127.0.0.1'],
  ['npm run web:dev', 'npm run web:dev -- -- --port 4100 --host 127.0.0.1'],
  ['npm run dev -w web', '='],
  ['npm -w web run dev', '='],
  ['pnpm --filter web dev', '='],
]

describe.each([
  { group: 'servers', rows: SERVERS },
  { group: 'what runs them', rows: WRAPPERS },
  { group: 'command lines', rows: LINES },
  { group: 'package scripts', rows: PACKAGE_SCRIPTS },
])('$group', ({ rows }) => {
  test.each(rows)('%s', async (command, result) => {
    expect((await inject(command)).command).toBe(result === '=' ? command : result)
  })
})

test('a list of words gets words, and stays a list', async () => {
  expect((await inject(['next', 'dev', 'my dir'])).command).toEqual(['next', 'dev', 'my dir', '--port', '4100'])
  expect((await inject(['npm', 'run', 'dev'])).command).toEqual([
    ...['npm', 'run', 'dev', '--'],
    ...['--port', '4100', '--strictPort', '--host', '127.0.0.1'],
  ])
  expect((await inject(['next', 'dev', '|', 'x'])).command).toEqual(['next', 'dev', '|', 'x', '--port', '4100'])
  expect((await inject(['./serve-it'])).command).toEqual(['./serve-it'])
})

describe('a port that the command names itself', () => {
  test.each([
    ['vite --port 3001', 3001],
    ['vite --port=3001', 3001],
    ['next dev -p3001', 3001],
    ['next dev -p 3001', 3001],
    ['npm run own', 3001],
    ['npm run next -- -p 3002', 3002],
    ['serve -l tcp://0.0.0.0:5000', 5000],
    ['gunicorn -b :8000 app', 8000],
    ['python manage.py runserver 0.0.0.0:8001', 8001],
    ['python -m http.server 8002', 8002],
    ['vite --port $PORT', null],
    ['vite --port 0', null],
    ['vite', null],
  ])('%s: %s', async (command, port) => {
    expect((await inject(command)).ownPort).toBe(port)
  })

  test('is left alone, and what else it needs is added', async () => {
    expect((await inject('vite --port 3001')).command).toBe('vite --port 3001 --strictPort --host 127.0.0.1')
  })
})

describe('cmd.exe', () => {
  test.each([
    ["next dev it's", "next dev it's --port 4100"],
    ['next dev "my dir"', 'next dev "my dir" --port 4100'],
    ['C:\\tools\\next.cmd dev', 'C:\\tools\\next.cmd dev --port 4100'],
    ['set A=1&& next dev', 'set A=1&& next dev --port 4100'],
    ['cd /d web && npm run dev', 'cd /d web && npm run dev -- --port 4100 --host 127.0.0.1'],
    ['next dev ^& more', 'next dev ^& more --port 4100'],
    ['next dev & more', '='],
  ])('%s', async (command, result) => {
    expect((await inject(command, { windows: true })).command).toBe(result === '=' ? command : result)
  })
})

describe('hosts outside .localhost', () => {
  test('are named to servers that take them by a flag', async () => {
    const foreignHosts = ['shop.test', '.shop.test']
    expect((await inject('webpack serve', { foreignHosts })).command).toBe(
      'webpack serve --port 4100 --host 127.0.0.1 --allowed-hosts=shop.test --allowed-hosts=.shop.test',
    )
    expect((await inject('webpack serve --allowed-hosts all', { foreignHosts })).command).toBe(
      'webpack serve --allowed-hosts all --port 4100 --host 127.0.0.1',
    )
  })

  test('are noted for servers that have a setting of their own', async () => {
    const { notes } = await inject('python manage.py runserver', { foreignHosts: ['shop.test'] })
    expect(notes).toEqual(['Django refuses requests for shop.test unless ALLOWED_HOSTS in settings.py names it'])
  })
})

test('Create React App opens no browser, and Spring Boot is told by its environment', async () => {
  expect(await inject('npm start')).toMatchObject({ framework: 'Create React App', env: { BROWSER: 'none' } })
  expect((await inject('./mvnw spring-boot:run')).env).toEqual({ SERVER_PORT: '4100', SERVER_ADDRESS: '127.0.0.1' })
})

test('what is not clear is told only where a known server is at stake', async () => {
  expect((await inject('next dev | tee log')).notes).toEqual([
    'Next.js gets its port as PORT and by no flag, because it cannot be told where in: next dev | tee log',
  ])
  expect((await inject('node server.js | tee log')).notes).toEqual([])
  expect((await inject('npm run both')).notes).toEqual([
    'concurrently runs several commands: they get the port as PORT and by no flag',
  ])
})

test('no word that is added would mean something to a shell', () => {
  const words = DEV_SERVERS.flatMap(({ add }) => add.map(([text]) => text))
  expect(words.filter((text) => !/^[\w./:=@%+,{} -]+$/.test(text))).toEqual([])
})

test('an address that a shell would take apart is not passed on', async () => {
  expect((await inject('hugo server', { url: 'https://a;b' })).command).toBe('hugo server')
})

async function inject(
  command: string | readonly string[],
  context: { foreignHosts?: string[]; windows?: boolean; url?: string } = {},
): Promise<Injection> {
  const root = path.resolve('/code/shop')
  const files: Record<string, string> = {
    [path.join(root, 'package.json')]: JSON.stringify({ scripts: SCRIPTS }),
    [path.join(root, 'web', 'package.json')]: JSON.stringify({ scripts: WEB_SCRIPTS }),
  }
  return injectPort(command, {
    port: 4100,
    url: 'https://shop.localhost',
    foreignHosts: [],
    windows: false,
    ...context,
    cwd: root,
    readText: async (file) => files[file] ?? null,
  })
}
