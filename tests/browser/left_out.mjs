// Which vectors the verifier has no use for.

/** family -> why it is left out */
export const LEFT_OUT = {
  drafts: 'lines that providers write: the verifier reads what was signed, and no drafts',
};

/** How many cases there were when this was written: a folder that moved does not pass for one that holds. */
export const FEWEST = 2230;
