namespace Dqn.Watching;

/// <summary>The environment as a person sees it, at some step. Its memory is used again.</summary>
internal sealed class Picture(int bytes)
{
    /// <summary>The environment's picture.</summary>
    public byte[] Pixels { get; } = new byte[bytes];

    /// <summary>The agent step after which it was drawn.</summary>
    public long Step { get; set; }
}
