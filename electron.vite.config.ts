import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** Three main entries: the shell, the engine's own process, and the headless command line. */
export default defineConfig({
  main: {
    build: {
      target: 'node22',
      // Bundled, only the parts in use are loaded: an idle gateway is smaller and starts sooner.
      externalizeDeps: { exclude: ['zod', 'chokidar', 'ipaddr.js', 'env-paths', 'commander', 'mime-types'] },
      lib: {
        entry: { index: 'src/main/index.ts', 'engine-process': 'src/main/engine-process.ts', cli: 'src/main/cli.ts' },
      },
      rollupOptions: {
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
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
      // The page's content security policy allows no data: addresses.
      assetsInlineLimit: 0,
      rollupOptions: { input: 'src/renderer/index.html' },
    },
  },
})
