/** What a framework is recognised by. Data only: earlier entries win, so those built on others come before them. */

export type Runtime = 'node' | 'python' | 'ruby' | 'php'

export interface Framework {
  name: string
  runtime: Runtime
  /** programs, scripts and Python modules that its command line names */
  commands?: readonly string[]
  /** entries of the project's manifest: package.json, composer.json, Gemfile, requirements.txt or pyproject.toml */
  packages?: readonly string[]
  /** a file that the project's folder has */
  file?: string
}

export const FRAMEWORKS: readonly Framework[] = [
  { name: 'Storybook', runtime: 'node', commands: ['storybook', 'start-storybook'] },
  { name: 'Next.js', runtime: 'node', commands: ['next', 'next-server'], packages: ['next'] },
  { name: 'Nuxt', runtime: 'node', commands: ['nuxt', 'nuxi'], packages: ['nuxt', 'nuxt3'] },
  { name: 'Astro', runtime: 'node', commands: ['astro'], packages: ['astro'] },
  {
    name: 'Remix',
    runtime: 'node',
    commands: ['remix', 'remix-serve'],
    packages: ['@remix-run/dev', '@remix-run/serve'],
  },
  {
    name: 'React Router',
    runtime: 'node',
    commands: ['react-router', 'react-router-serve'],
    packages: ['@react-router/dev'],
  },
  { name: 'Angular', runtime: 'node', commands: ['ng'], packages: ['@angular/core'] },
  { name: 'SvelteKit', runtime: 'node', packages: ['@sveltejs/kit'] },
  { name: 'SolidStart', runtime: 'node', packages: ['@solidjs/start'] },
  { name: 'TanStack Start', runtime: 'node', packages: ['@tanstack/react-start', '@tanstack/solid-start'] },
  { name: 'Qwik City', runtime: 'node', packages: ['@builder.io/qwik-city', '@qwik.dev/router'] },
  { name: 'Gatsby', runtime: 'node', commands: ['gatsby'], packages: ['gatsby'] },
  { name: 'Docusaurus', runtime: 'node', commands: ['docusaurus'], packages: ['@docusaurus/core'] },
  { name: 'VitePress', runtime: 'node', commands: ['vitepress'], packages: ['vitepress'] },
  { name: 'Eleventy', runtime: 'node', commands: ['eleventy'], packages: ['@11ty/eleventy'] },
  { name: 'Expo', runtime: 'node', commands: ['expo'], packages: ['expo'] },
  { name: 'Create React App', runtime: 'node', commands: ['react-scripts'], packages: ['react-scripts'] },
  { name: 'Vue CLI', runtime: 'node', commands: ['vue-cli-service'], packages: ['@vue/cli-service'] },
  { name: 'NestJS', runtime: 'node', commands: ['nest'], packages: ['@nestjs/core'] },
  { name: 'AdonisJS', runtime: 'node', packages: ['@adonisjs/core'] },
  { name: 'Vite', runtime: 'node', commands: ['vite'], packages: ['vite', 'rolldown-vite'] },
  { name: 'Parcel', runtime: 'node', commands: ['parcel'], packages: ['parcel'] },
  { name: 'webpack', runtime: 'node', commands: ['webpack', 'webpack-dev-server'], packages: ['webpack-dev-server'] },
  { name: 'Fastify', runtime: 'node', packages: ['fastify'] },
  { name: 'Hono', runtime: 'node', packages: ['hono'] },
  { name: 'Koa', runtime: 'node', packages: ['koa'] },
  { name: 'Express', runtime: 'node', packages: ['express'] },
  { name: 'Python http.server', runtime: 'python', commands: ['http.server'] },
  { name: 'Jupyter', runtime: 'python', commands: ['jupyter', 'jupyter-lab', 'jupyter-notebook'] },
  { name: 'Streamlit', runtime: 'python', commands: ['streamlit'], packages: ['streamlit'] },
  {
    name: 'Django',
    runtime: 'python',
    commands: ['manage.py', 'django-admin'],
    packages: ['django'],
    file: 'manage.py',
  },
  { name: 'Flask', runtime: 'python', commands: ['flask'], packages: ['flask'] },
  { name: 'FastAPI', runtime: 'python', commands: ['fastapi'], packages: ['fastapi'] },
  { name: 'Rails', runtime: 'ruby', commands: ['rails'], packages: ['rails'], file: 'bin/rails' },
  { name: 'Sinatra', runtime: 'ruby', packages: ['sinatra'] },
  { name: 'Jekyll', runtime: 'ruby', commands: ['jekyll'], packages: ['jekyll'] },
  { name: 'Rack', runtime: 'ruby', commands: ['rackup'], file: 'config.ru' },
  { name: 'Laravel', runtime: 'php', commands: ['artisan'], packages: ['laravel/framework'], file: 'artisan' },
  { name: 'Symfony', runtime: 'php', packages: ['symfony/framework-bundle'], file: 'bin/console' },
  { name: 'WordPress', runtime: 'php', file: 'wp-config.php' },
]

/** The manifest that lists the packages of a project. */
export const MANIFESTS: Readonly<Record<Runtime, readonly string[]>> = {
  node: ['package.json'],
  python: ['pyproject.toml', 'requirements.txt'],
  ruby: ['Gemfile'],
  php: ['composer.json'],
}

/** The runtime that a program is, by its name. */
export const RUNTIME_PROGRAMS: readonly [program: RegExp, runtime: Runtime][] = [
  [/^(node|nodejs|bun|deno|next-server.*)$/i, 'node'],
  [/^(python[\d.]*|gunicorn|uvicorn|hypercorn|waitress-serve|uwsgi)$/i, 'python'],
  [/^(ruby[\d.]*|puma.*|unicorn.*|thin)$/i, 'ruby'],
  [/^(php[\d.]*|php-fpm[\d.]*|frankenphp)$/i, 'php'],
]
