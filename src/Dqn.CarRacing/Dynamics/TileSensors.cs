using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>
/// Which parts of the car are near and on which tiles: Box2D's broad phase and contact manager for one car (8 fixtures:
/// the hull's 4 parts, then the wheels) over static sensors. Sensors push nothing, so this changes no motion; it only
/// reports touches.
/// </summary>
/// <remarks>
/// What Box2D's order of events rests on: pairs are made in the order of their broad-phase proxies, which in a new
/// world are the tiles in driving order and then the car's fixtures; a new contact goes to the front of the list; each
/// step walks the list from the front, ending contacts whose fat boxes parted and testing the others. (In Gymnasium's
/// second and later episodes the proxies are recycled from a free list in an order that a tree's rebalancing left. That
/// may reorder events within a step, and nothing else: rewards, tile counts and colours do not depend on it.)
/// Tiles collide with hull and wheels; hull and wheels do not with each other, being joined, nor wheels with wheels, by
/// their masks.
/// </remarks>
internal sealed class TileSensors
{
    public const int Parts = 8;

    private Vector2[] _corners = []; // 4 a tile
    private byte[] _cornerCounts = [];
    private Box[] _tiles = [];
    private byte[] _near = []; // by tile, a bit a part: a contact exists
    private int _tileCount;

    // Where the car's parts are: corners in the world (8 a part), tight boxes, boxes with a margin.
    private readonly Vector2[] _placed = new Vector2[8 * Parts];
    private readonly Box[] _tight = new Box[Parts];
    private readonly Box[] _parts = new Box[Parts];
    private int _moved; // a bit a part: its box was renewed since pairs were last looked for

    // Oldest first: Box2D's list from its back.
    private Contact[] _contacts = new Contact[64];
    private int _contactCount;

    private struct Contact
    {
        public int Tile;
        public byte Part;
        public bool Touching;
        public bool Ended;
    }

    /// <summary>The polygon of a part of the car in its body's frame.</summary>
    public static ConvexPolygon Polygon(int part) => part < 4 ? CarShape.Hull[part] : CarShape.Wheel;

    /// <summary>The body that a part belongs to: 0 the hull, 1 … 4 the wheels.</summary>
    public static int Body(int part) => part < 4 ? 0 : part - 3;

    /// <summary>Takes a track's tiles and a newly placed car.</summary>
    public void Reset(ReadOnlySpan<TrackTile> tiles, ReadOnlySpan<RigidBody> bodies)
    {
        _tileCount = tiles.Length;
        if (_tiles.Length < _tileCount)
        {
            _tiles = new Box[_tileCount];
            _corners = new Vector2[4 * _tileCount];
            _cornerCounts = new byte[_tileCount];
            _near = new byte[_tileCount];
        }

        Array.Clear(_near);
        _contactCount = 0;
        Span<Vector2> points = stackalloc Vector2[4];
        for (int i = 0; i < _tileCount; i++)
        {
            var road = tiles[i].Road;
            points[0] = new Vector2((float)road.X0, (float)road.Y0);
            points[1] = new Vector2((float)road.X1, (float)road.Y1);
            points[2] = new Vector2((float)road.X2, (float)road.Y2);
            points[3] = new Vector2((float)road.X3, (float)road.Y3);
            int count = ConvexPolygon.Wrap(points, _corners.AsSpan(4 * i, 4));
            _cornerCounts[i] = (byte)count;
            _tiles[i] = Box.Around(_corners.AsSpan(4 * i, count)).Fattened();
        }

        for (int part = 0; part < Parts; part++)
            _parts[part] = Place(part, bodies[Body(part)].State).Fattened();
        _moved = (1 << Parts) - 1;
        Settle(bodies);
    }

    /// <summary>
    /// Renews the boxes of a body's parts where the body, swept from where it was to where it is, has left them.
    /// <c>b2Body::SynchronizeFixtures</c>.
    /// </summary>
    public void Follow(int body, in RigidBody now, float displacementX, float displacementY)
    {
        int first = body == 0 ? 0 : body + 3, last = body == 0 ? 4 : first + 1;
        for (int part = first; part < last; part++)
        {
            var old = _tight[part];
            _tight[part] = Place(part, now.State);
            var swept = old.Union(_tight[part]);
            if (_parts[part].Contains(swept))
                continue;
            _parts[part] = swept.Fattened().Stretched(displacementX, displacementY);
            _moved |= 1 << part;
        }
    }

    /// <summary>Makes contacts for new pairs of fat boxes. <c>b2ContactManager::FindNewContacts</c>.</summary>
    public void FindContacts()
    {
        if (_moved == 0)
            return;
        var around = new Box(float.MaxValue, float.MaxValue, float.MinValue, float.MinValue);
        for (int part = 0; part < Parts; part++)
            if ((_moved & (1 << part)) != 0)
                around = around.Union(_parts[part]);

        for (int tile = 0; tile < _tileCount; tile++)
        {
            if (!_tiles[tile].Overlaps(around))
                continue;
            for (int part = 0; part < Parts; part++)
            {
                int bit = 1 << part;
                if ((_moved & bit) == 0 || (_near[tile] & bit) != 0 || !_tiles[tile].Overlaps(_parts[part]))
                    continue;
                _near[tile] |= (byte)bit;
                if (_contactCount == _contacts.Length)
                    Array.Resize(ref _contacts, 2 * _contactCount);
                _contacts[_contactCount++] = new Contact { Tile = tile, Part = (byte)part };
            }
        }

        _moved = 0;
    }

    /// <summary>
    /// Ends and tests contacts and appends the touches that began and ended. <c>b2ContactManager::Collide</c>.
    /// </summary>
    public void Collide(ReadOnlySpan<RigidBody> bodies, List<TileContact> events)
    {
        bool anyEnded = false;
        for (int i = _contactCount - 1; i >= 0; i--)
        {
            ref var contact = ref _contacts[i];
            int index = Body(contact.Part);
            ref readonly var body = ref bodies[index];
            if (!body.Awake)
                continue;

            bool touching = false;
            if (_tiles[contact.Tile].Overlaps(_parts[contact.Part]))
            {
                var corners = _corners.AsSpan(4 * contact.Tile, _cornerCounts[contact.Tile]);
                var part = Polygon(contact.Part).Vertices;
                touching = Overlap.Test(
                    corners, part, _placed.AsSpan(8 * contact.Part, part.Length), body.Sine, body.Cosine);
            }
            else
            {
                contact.Ended = anyEnded = true;
                _near[contact.Tile] &= (byte)~(1 << contact.Part);
            }

            if (touching != contact.Touching)
                events.Add(new TileContact(index, contact.Tile, touching));
            contact.Touching = touching;
        }

        if (anyEnded)
            RemoveEnded();
    }

    public void Save(BinaryWriter writer)
    {
        foreach (ref readonly var part in _parts.AsSpan())
            part.Save(writer);
        writer.Write(_moved);
        writer.Write(_contactCount);
        foreach (ref readonly var contact in _contacts.AsSpan(0, _contactCount))
        {
            writer.Write(contact.Tile);
            writer.Write(contact.Part);
            writer.Write(contact.Touching);
        }
    }

    public void Load(BinaryReader reader, ReadOnlySpan<RigidBody> bodies)
    {
        Settle(bodies);
        foreach (ref var part in _parts.AsSpan())
            part = Box.Load(reader);
        _moved = reader.ReadInt32();
        int count = reader.ReadInt32();
        if (count < 0 || count > Parts * _tileCount)
            throw new InvalidDataException($"Contacts: expected 0 to {Parts * _tileCount}, got {count}.");
        if (_contacts.Length < count)
            _contacts = new Contact[count];

        Array.Clear(_near);
        _contactCount = 0;
        for (int i = 0; i < count; i++)
        {
            var contact = new Contact
            {
                Tile = reader.ReadInt32(),
                Part = reader.ReadByte(),
                Touching = reader.ReadBoolean(),
            };
            if ((uint)contact.Tile >= (uint)_tileCount || contact.Part >= Parts
                || (_near[contact.Tile] & (1 << contact.Part)) != 0)
            {
                throw new InvalidDataException(
                    $"Contacts: expected one of {_tileCount} tiles and {Parts} parts of the car, each pair once, "
                    + $"got tile {contact.Tile} and part {contact.Part}.");
            }

            _near[contact.Tile] |= (byte)(1 << contact.Part);
            _contacts[_contactCount++] = contact;
        }
    }

    // The next sweep starts from the frames that follow from the centres; the next touches are tested where the bodies
    // are, which only differs for a newly placed car.
    private void Settle(ReadOnlySpan<RigidBody> bodies)
    {
        for (int part = 0; part < Parts; part++)
        {
            ref readonly var body = ref bodies[Body(part)];
            _tight[part] = Place(part, body.Frame());
            Place(part, body.State);
        }
    }

    // Puts a part where its body is and returns its box there.
    private Box Place(int part, in BodyState body)
    {
        var polygon = Polygon(part);
        var placed = _placed.AsSpan(8 * part, polygon.Vertices.Length);
        polygon.Place(body.X, body.Y, body.Sine, body.Cosine, placed);
        return Box.Around(placed);
    }

    private void RemoveEnded()
    {
        int kept = 0;
        for (int i = 0; i < _contactCount; i++)
            if (!_contacts[i].Ended)
                _contacts[kept++] = _contacts[i];
        _contactCount = kept;
    }
}
