/** What master and agents say they are: the version that the recordings were made with. */
export const mesosVersion = '1.12.0';
