using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>An axis-aligned bounding box, metres. <c>b2AABB</c>.</summary>
internal struct Box(float minX, float minY, float maxX, float maxY)
{
    // A box is stored this much larger than its shape, so that a small movement need not be noticed.
    private const float Margin = 0.1f;

    public float MinX = minX;
    public float MinY = minY;
    public float MaxX = maxX;
    public float MaxY = maxY;

    /// <summary>The box of a polygon with its skin. <c>b2PolygonShape::ComputeAABB</c>.</summary>
    /// <param name="corners">In the world's frame.</param>
    public static Box Around(ReadOnlySpan<Vector2> corners)
    {
        float minX = corners[0].X, minY = corners[0].Y, maxX = minX, maxY = minY;
        foreach (var corner in corners[1..])
        {
            minX = minX < corner.X ? minX : corner.X;
            minY = minY < corner.Y ? minY : corner.Y;
            maxX = maxX > corner.X ? maxX : corner.X;
            maxY = maxY > corner.Y ? maxY : corner.Y;
        }

        const float Skin = ConvexPolygon.Radius;
        return new Box(minX - Skin, minY - Skin, maxX + Skin, maxY + Skin);
    }

    /// <summary>The least box around both.</summary>
    public readonly Box Union(in Box other) => new(
        MinX < other.MinX ? MinX : other.MinX, MinY < other.MinY ? MinY : other.MinY,
        MaxX > other.MaxX ? MaxX : other.MaxX, MaxY > other.MaxY ? MaxY : other.MaxY);

    /// <summary>The box with its margin.</summary>
    public readonly Box Fattened() => new(MinX - Margin, MinY - Margin, MaxX + Margin, MaxY + Margin);

    /// <summary>The box stretched towards where twice the displacement would take it.</summary>
    public readonly Box Stretched(float displacementX, float displacementY)
    {
        var box = this;
        float x = 2.0f * displacementX, y = 2.0f * displacementY;
        if (x < 0)
            box.MinX += x;
        else
            box.MaxX += x;
        if (y < 0)
            box.MinY += y;
        else
            box.MaxY += y;
        return box;
    }

    public readonly bool Contains(in Box other) =>
        MinX <= other.MinX && MinY <= other.MinY && other.MaxX <= MaxX && other.MaxY <= MaxY;

    public readonly bool Overlaps(in Box other) =>
        other.MinX <= MaxX && other.MinY <= MaxY && MinX <= other.MaxX && MinY <= other.MaxY;

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(MinX);
        writer.Write(MinY);
        writer.Write(MaxX);
        writer.Write(MaxY);
    }

    public static Box Load(BinaryReader reader) =>
        new(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
}
