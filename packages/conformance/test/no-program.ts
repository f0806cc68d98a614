/** Not what drivers load. */
export const other = 1;
