import { ADDRESS, type DevServer, HOST, LONG_PORT, PORT } from './dev-server.js'

export const OTHER_SERVERS: readonly DevServer[] = [
  {
    name: 'Django',
    programs: ['manage.py', 'manage', 'django-admin', 'django'],
    serves: ['runserver', 'runserver_plus'],
    add: [['127.0.0.1:{port}', ADDRESS]],
    hostsSetting: 'ALLOWED_HOSTS in settings.py',
  },
  { name: 'Flask', programs: ['flask'], serves: ['run'], add: [PORT, ['--host 127.0.0.1', '--host', '-h']] },
  { name: 'Quart', programs: ['quart'], serves: ['run'], add: [PORT, ['--host 127.0.0.1', '--host', '-h']] },
  { name: 'FastAPI', programs: ['fastapi'], serves: ['dev', 'run'], add: [LONG_PORT, HOST] },
  { name: 'Litestar', programs: ['litestar'], serves: ['run'], add: [PORT, ['--host 127.0.0.1', '--host', '-H']] },
  {
    name: 'Uvicorn',
    programs: ['uvicorn'],
    add: [
      ['--port {port}', '--port', '--uds', '--fd'],
      ['--host 127.0.0.1', '--host', '--uds', '--fd'],
    ],
  },
  { name: 'Hypercorn', programs: ['hypercorn'], add: [['--bind 127.0.0.1:{port}', '--bind', '-b']] },
  { name: 'Gunicorn', programs: ['gunicorn'], add: [['--bind 127.0.0.1:{port}', '--bind', '-b', '-c', '--config']] },
  {
    name: 'Daphne',
    programs: ['daphne'],
    add: [
      ['-p {port}', '-p', '--port', '-u', '-e', '-f'],
      ['-b 127.0.0.1', '-b', '--bind', '-u', '-e', '-f'],
    ],
  },
  {
    name: 'Waitress',
    programs: ['waitress-serve'],
    add: [['--listen=127.0.0.1:{port}', '--listen', '--port', '--unix-socket']],
  },
  { name: 'Sanic', programs: ['sanic'], add: [PORT, ['--host 127.0.0.1', '--host', '-H']] },
  {
    name: 'Streamlit',
    programs: ['streamlit'],
    serves: ['run', 'hello'],
    add: [
      ['--server.port {port}', '--server.port'],
      ['--server.address 127.0.0.1', '--server.address'],
      ['--server.headless true', '--server.headless'],
    ],
  },
  {
    name: 'Jupyter',
    programs: ['jupyter', 'jupyter-lab', 'jupyter-notebook'],
    except: ['nbconvert', 'kernelspec'],
    add: [
      ['--port={port}', '--port'],
      ['--no-browser', '--no-browser'],
    ],
  },
  {
    name: 'MkDocs',
    programs: ['mkdocs'],
    serves: ['serve'],
    add: [['--dev-addr 127.0.0.1:{port}', '--dev-addr', '-a']],
  },
  { name: 'sphinx-autobuild', programs: ['sphinx-autobuild', 'sphinx_autobuild'], add: [LONG_PORT, HOST] },
  {
    name: 'Pelican',
    programs: ['pelican'],
    needs: ['--listen', '-l'],
    add: [PORT, ['--bind 127.0.0.1', '--bind', '-b']],
  },
  {
    name: 'Python http.server',
    programs: ['http.server'],
    add: [
      ['{port}', ADDRESS],
      ['--bind 127.0.0.1', '--bind', '-b'],
    ],
  },

  { name: 'Rails', programs: ['rails'], serves: ['server', 's'], add: [PORT, ['-b 127.0.0.1', '-b', '--binding']] },
  {
    name: 'Puma',
    programs: ['puma'],
    add: [['-b tcp://127.0.0.1:{port}', '-b', '--bind', '-p', '--port', '-C', '--config']],
  },
  { name: 'Rack', programs: ['rackup'], add: [PORT, ['-o 127.0.0.1', '-o', '--host']] },
  {
    name: 'Jekyll',
    programs: ['jekyll'],
    serves: ['serve', 'server', 's'],
    add: [
      ['--port {port}', '--port', '-P'],
      ['--host 127.0.0.1', '--host', '-H'],
    ],
  },
  {
    name: 'Middleman',
    programs: ['middleman'],
    serves: ['server', 's'],
    add: [PORT, ['--bind-address=127.0.0.1', '--bind-address', '-b']],
  },

  {
    name: 'Laravel',
    programs: ['artisan'],
    serves: ['serve'],
    add: [
      ['--port={port}', '--port'],
      ['--host=127.0.0.1', '--host'],
    ],
  },
  { name: 'CodeIgniter', programs: ['spark'], serves: ['serve'], add: [LONG_PORT, HOST] },
  {
    name: 'Symfony',
    programs: ['symfony'],
    serves: ['serve', 'server:start'],
    add: [
      ['--port={port}', '--port'],
      ['--no-tls', '--no-tls', '--p12'],
    ],
  },
  {
    name: 'WP-CLI',
    programs: ['wp'],
    serves: ['server'],
    add: [
      ['--port={port}', '--port'],
      ['--host=127.0.0.1', '--host'],
    ],
  },

  {
    name: 'Hugo',
    programs: ['hugo'],
    serves: ['server', 'serve'],
    add: [
      PORT,
      ['--bind 127.0.0.1', '--bind'],
      ['--baseURL {url} --appendPort=false', '--baseURL', '-b', '--appendPort'],
    ],
  },
  { name: 'Zola', programs: ['zola'], serves: ['serve'], add: [PORT, ['--interface 127.0.0.1', '--interface', '-i']] },
  {
    name: 'mdBook',
    programs: ['mdbook'],
    serves: ['serve'],
    add: [PORT, ['--hostname 127.0.0.1', '--hostname', '-n']],
  },
  {
    name: 'Trunk',
    programs: ['trunk'],
    serves: ['serve'],
    add: [LONG_PORT, ['--address 127.0.0.1', '--address', '-a']],
  },
  {
    name: 'Spring Boot',
    programs: ['mvn', 'mvnw', 'gradle', 'gradlew'],
    serves: ['spring-boot:run', 'bootRun'],
    add: [],
    env: { SERVER_PORT: '{port}', SERVER_ADDRESS: '127.0.0.1' },
  },
  {
    name: 'ASP.NET Core',
    programs: ['dotnet'],
    serves: ['run', 'watch'],
    add: [],
    env: { ASPNETCORE_URLS: 'http://127.0.0.1:{port}' },
  },
]
