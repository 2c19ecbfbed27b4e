import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { leanOutput } from './scripts/lean-output.js'

const LOADED_AT_START = [
  '@peculiar/x509',
  'chokidar',
  'commander',
  'dns-packet',
  'env-paths',
  'ipaddr.js',
  'mime-types',
  'pino',
  'undici',
  'zod',
]

/** The bundler's warning of large chunks is meant for networks. */
const READ_FROM_DISK_KB = 2000

/** Three main entries: the shell, the engine's own process, and the headless command line. */
export default defineConfig({
  main: {
    plugins: [leanOutput()],
    build: {
      target: 'node22',
      chunkSizeWarningLimit: READ_FROM_DISK_KB,
      // Bundled, only the parts in use are loaded: an idle gateway is smaller and starts sooner.
      externalizeDeps: { exclude: LOADED_AT_START },
      lib: {
        entry: { index: 'src/main/index.ts', 'engine-process': 'src/main/engine-process.ts', cli: 'src/main/cli.ts' },
      },
      rollupOptions: {
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Names stay, for stack traces.
          minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
        },
      },
    },
  },
  preload: {
    build: {
      lib: { entry: { index: 'src/preload/index.ts' } },
      // A sandboxed preload is loaded by `require`, whatever the package's type says.
      rollupOptions: { output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    plugins: [react()],
    build: {
      minify: true,
      chunkSizeWarningLimit: READ_FROM_DISK_KB,
      // The page's content security policy allows no data: addresses.
      assetsInlineLimit: 0,
      rollupOptions: { input: 'src/renderer/index.html' },
    },
  },
})
