namespace Dqn.CarRacing;

/// <summary>
/// Four corners in world units (metres), in the order in which the reference implementation lists them.
/// </summary>
public readonly record struct Quad(
    double X0, double Y0, double X1, double Y1, double X2, double Y2, double X3, double Y3);
