using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>How the car is drawn. Points are placed in single precision, as Box2D does it, then seen by the
/// camera.</summary>
internal static class CarOutline
{
    public const uint HullColor = 204 << 16;
    public const uint WheelColor = 0;
    public const uint StripeColor = 77 << 16 | 77 << 8 | 77;

    /// <summary>The most points that a part has.</summary>
    public const int MaximumPoints = 8;

    /// <summary>
    /// The light stripe that shows how far a wheel has turned; false while it is on the side that lies on the ground.
    /// </summary>
    /// <param name="phase">How far the wheel has turned, radians.</param>
    /// <param name="stripe">Destination, [4].</param>
    public static bool TryGetStripe(double phase, Span<Vector2> stripe)
    {
        double start = phase, end = phase + 1.2;
        bool startBelow = DoubleSine.Sine(start) > 0, endBelow = DoubleSine.Sine(end) > 0;
        if (startBelow && endBelow)
            return false;

        double front = DoubleSine.Cosine(start), back = DoubleSine.Cosine(end);
        if (startBelow)
            front = Math.Sign(front);
        if (endBelow)
            back = Math.Sign(back);
        const float HalfWidth = (float)CarShape.WheelHalfWidth;
        float frontY = (float)(27 * front * CarShape.Size), backY = (float)(27 * back * CarShape.Size);
        stripe[0] = new(-HalfWidth, frontY);
        stripe[1] = new(HalfWidth, frontY);
        stripe[2] = new(HalfWidth, backY);
        stripe[3] = new(-HalfWidth, backY);
        return true;
    }

    /// <summary>Places points of a body on the surface.</summary>
    /// <param name="shape">In the body's frame, metres.</param>
    /// <param name="body">Where the body is.</param>
    /// <param name="camera">What looks at it.</param>
    /// <param name="points">Destination, as long as the shape.</param>
    public static void Place(ReadOnlySpan<Vector2> shape, in BodyState body, in Camera camera, Span<Point> points)
    {
        for (int i = 0; i < shape.Length; i++)
        {
            float worldX = body.Cosine * shape[i].X - body.Sine * shape[i].Y + body.X;
            float worldY = body.Sine * shape[i].X + body.Cosine * shape[i].Y + body.Y;
            points[i] = camera.ToPixel(worldX, worldY);
        }
    }
}
