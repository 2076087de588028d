namespace Dqn.Environments;

/// <summary>MinAtar's six actions, the same in each game; one that means nothing in a game does nothing there.</summary>
internal enum MinAtarMove : byte
{
    None,
    Left,
    Up,
    Right,
    Down,
    Fire,
}
