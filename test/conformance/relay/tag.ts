/** Marks what relay-compiler reads. In an app it is react-relay's `graphql`; here nothing runs. */
export const graphql = String.raw;
