/** QEMU's monitor, however it is reached: its own socket, or through libvirt. */
export interface Monitor {
  execute<T = unknown>(command: string, args?: Readonly<Record<string, unknown>>): Promise<T>;
}
