// How a change stands in the changelogs. All packages have one version, so that a package depends on a new one of another says nothing.
export default {
  getReleaseLine: async ({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ').replace(/ +$/gm, '')}`,
  getDependencyReleaseLine: async () => '',
};
