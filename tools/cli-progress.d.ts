/** The part of the package that the command line uses; it comes without types. */
declare module 'cli-progress' {
  export class SingleBar {
    constructor(options: { format: string; stream?: NodeJS.WritableStream; hideCursor?: boolean; clearOnComplete?: boolean }, preset?: object)
    start(total: number, value: number): void
    update(value: number): void
    setTotal(total: number): void
    stop(): void
  }
  const cliProgress: { SingleBar: typeof SingleBar; Presets: { shades_classic: object } }
  export default cliProgress
}
