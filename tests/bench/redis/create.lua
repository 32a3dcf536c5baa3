-- order.requested: request, product, quantity, sale -> order.created, the order and the result
for i = 1, #ARGV, 4 do
    local request, product, quantity = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local result = redis.call('GET', 'result:' .. request)
    local order
    if result then
        order = string.match(result, '"order":"(.-)"')
    else
        order = redis.call('XADD', 'orders', '*', 'request', request, 'product', product,
            'quantity', quantity)
        redis.call('SET', 'result:' .. request, '{"request":"' .. request
            .. '","status":"created","product":"' .. product .. '","quantity":' .. quantity
            .. ',"order":"' .. order .. '"}')
    end
    redis.call('XADD', 'order.created', '*', 'request', request, 'product', product,
        'quantity', quantity, 'order', order)
end
