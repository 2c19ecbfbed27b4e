import { z } from 'zod'
import { create } from 'zustand'
import { recall, remember } from './remembered.js'

export const SPANS = ['live', 'hour'] as const
export type Span = (typeof SPANS)[number]

interface ChartView {
  /** of an app's charts */
  span: Span
  /** the hour is shown in figures instead of lines */
  asTable: boolean
  /** the app whose hour the screen of metrics shows; null for all together */
  app: string | null
  setSpan(span: Span): void
  setAsTable(asTable: boolean): void
  setApp(app: string | null): void
}

/** How charts are shown; all but the app is remembered. */
export const useChartView = create<ChartView>((set) => ({
  span: recall('charts.span', z.enum(SPANS), 'live'),
  asTable: recall('charts.table', z.boolean(), false),
  app: null,
  setSpan: (span) => {
    remember('charts.span', span)
    set({ span })
  },
  setAsTable: (asTable) => {
    remember('charts.table', asTable)
    set({ asTable })
  },
  setApp: (app) => set({ app }),
}))
