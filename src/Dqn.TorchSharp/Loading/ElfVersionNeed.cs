namespace Dqn.Networks.Loading;

/// <summary>A version that a shared library needs of another one: an entry of its <c>.gnu.version_r</c>.</summary>
/// <param name="Library">The other library's name, as <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version's name, as <c>GLIBCXX_3.4.30</c>.</param>
/// <param name="IsWeak">Whether the dynamic loader goes on where it is missing.</param>
/// <param name="IsUsed">Whether a relocation refers to a symbol of this version.</param>
/// <param name="FlagsOffset">Where in the file its 16-bit flags are.</param>
internal sealed record ElfVersionNeed(string Library, string Version, bool IsWeak, bool IsUsed, int FlagsOffset);
