namespace Dqn.CarRacing;

/// <summary>A part of the car came onto a tile or left it.</summary>
/// <param name="Body">0 the hull, 1 … 4 the wheels: front left, front right, rear left, rear right.</param>
/// <param name="Tile">Index of the tile.</param>
/// <param name="Begin">True when the touch begins, false when it ends.</param>
public readonly record struct TileContact(int Body, int Tile, bool Begin);
