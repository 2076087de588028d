namespace Dqn.CarRacing;

/// <summary>A pixel of the 1000 × 800 surface.</summary>
internal readonly record struct Point(int X, int Y);
